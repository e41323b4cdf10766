#!/bin/sh
# The challenge from nothing, in the order in which its parts need each other: about five hours on two cores, and the same command again
# goes on where it stopped. MAKEWAVE_DATA is the folder of names.txt. docs/challenge.md says what comes out.
set -e
makewave() { node bin/makewave.cjs "$@"; }
here=experiments/challenge

# Networks of several kinds, their mean with 6-grams, and single networks that learn from it.
makewave sweep $here/members.yaml
[ -d runs/challenge-ensemble ] || makewave ensemble runs/members/*/ --mix-order 6 --weights fitted --out runs/challenge-ensemble
makewave sweep $here/students.yaml

# What each technique does, and five architectures at equal size.
makewave sweep $here/techniques.yaml
makewave report runs/techniques --tests --sort trial
makewave sweep $here/equal.yaml
makewave sweep $here/equal-seeds.yaml
makewave report runs/equal-seeds --tests --sort trial
