#!/bin/sh
# Makes prompt.txt: what a terminal shows while a child prints and something is typed. It needs tmux, and luaspawn in
# the PATH; the READMEs show it.
set -eu
cd "$(dirname "$0")"
session=luaspawn-picture-$$
state=$(mktemp -d)
trap 'tmux kill-session -t $session 2>/dev/null; rm -rf "$state"' EXIT
shows() { until tmux capture-pane -p -t $session | grep -qF "$1"; do sleep 0.1; done; }

tmux new-session -d -s $session -x 100 -y 12 -e XDG_STATE_HOME="$state" -e NO_COLOR=1 luaspawn
shows ">"
tmux send-keys -t $session 'p = Process{target = function() for i = 1, 4 do Process.sleep(1) print("line " .. i) end end}' Enter
shows "end}"
tmux send-keys -t $session 'p:start()' Enter
shows "p:start()"
tmux send-keys -t $session 'help(p.jo'
shows "line 3"
tmux capture-pane -p -t $session | sed -e 's/ *$//' -e '/^luaspawn /d' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >prompt.txt
