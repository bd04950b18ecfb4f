#!/bin/sh
# Creates the installation's namespace where it is not there. Closed runs are kept for a week, to be looked at; nothing rests on them.
set -eu

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 168h
