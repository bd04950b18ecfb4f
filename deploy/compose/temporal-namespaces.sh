#!/bin/sh
# Creates the namespaces of the installation and of the sandbox where they are not there. Closed runs are kept for a week, to be
# looked at; nothing rests on them.
set -eu

for namespace in default sandbox; do
  temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$namespace" --retention 168h
done
