#!/bin/sh
# Says how it is called to run a program. For all else it is cargo.
[ "$1" = run ] || exec "$REAL_CARGO" "$@"
echo "in $(pwd -P)"
echo "cargo $*"
echo "blocks: $USING_EPOLL_YOURS"
