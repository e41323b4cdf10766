#!/bin/sh
# The challenge from nothing, in the order in which its parts need each other: about five hours on two cores, and the same command again
# goes on where it stopped. MAKEWAVE_DATA is the folder of names.txt. docs/challenge.md says what comes out.
set -eu
makewave() { node bin/makewave.cjs "$@"; }
here=experiments/challenge

# Networks of several kinds, their mean with 6-grams, and single networks that learn from it.
makewave sweep $here/members.yaml
[ -f runs/challenge-ensemble/samples.txt ] || makewave ensemble runs/members/*/ --mix-order 6 --weights fitted --out runs/challenge-ensemble
makewave sweep $here/students.yaml

# What each technique does, and five architectures at equal size.
makewave sweep $here/techniques.yaml
makewave report runs/techniques --tests --sort trial
makewave sweep $here/schedules.yaml
makewave report runs/schedules --tests --sort trial
makewave sweep $here/dropout.yaml
makewave sweep $here/equal.yaml
makewave sweep $here/equal-seeds.yaml
makewave report runs/equal-seeds --tests --sort trial

# The lecture's own network with six seeds, the counts that all are mixed with, and the losses of the ledger.
makewave sweep experiments/lecture/log.yaml
makewave report runs/log --tests --sort trial --against previous
[ -f runs/challenge-ngram/samples.txt ] || makewave train makemore-names --model ngram --out runs/challenge-ngram
makewave evaluate runs/challenge-ngram runs/members/*/ runs/students/*/ runs/challenge-ensemble

# `node experiments/challenge/keep.ts RUN` keeps the best student as the package's model. `node experiments/challenge/seconds.ts` is the race to
# the lecture's loss. Nothing here opens the test part: `makewave evaluate RUN --part test` does, once.
