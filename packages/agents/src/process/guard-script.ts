/** What a guard runs: POSIX shell over `/proc`, so that it costs a megabyte and not a runtime. */

/** The name by which a guard that watches its engine is found among all processes. @internal */
export const watchingName = "mai-guard";

/** The same guard once it has begun to end what its engine left. @internal */
export const endingName = "mai-guard-ending";

/**
 * Ends what carries the marks: asks once and wakes what is stopped, kills after two seconds, and gives up, rather than
 * stay for ever, on what a kill does not end within another half minute. Nobody is believed gone on one look, for a
 * process that replaces its program is invisible for a moment.
 *
 * `$1` the worker, `$2` its mark, `$3` entries of the environment of what was taken over, one a line
 */
const endingScript = `
mark=$2
taken=$3
asked=' '
round=0
marked() {
  {
    grep -lsF -e "$mark" /proc/[0-9]*/environ
    [ -z "$taken" ] || grep -lszxF -e "$taken" /proc/[0-9]*/environ
  } | while IFS=/ read -r _ _ pid _; do echo "$pid"; done
}
while [ "$round" -lt 600 ]; do
  left=$(marked)
  if [ -z "$left" ]; then
    sleep 0.05
    left=$(marked)
    [ -n "$left" ] || exit 0
  fi
  for pid in $left; do
    if [ "$round" -ge 40 ]; then
      kill -KILL "-$pid" "$pid"
    else
      case $asked in
        *" $pid "*) ;;
        *) asked="$asked$pid "; kill -TERM "$pid"; kill -CONT "$pid" ;;
      esac
    fi
  done 2>/dev/null
  sleep 0.05
  round=$((round + 1))
done
`;

/**
 * Reads what the engine says until the engine is gone: the pipe's other end closes with it, whatever ended it. Then
 * waits, as long as anything of the engine lives, for somebody to take over.
 *
 * `$1` the worker, `$2` looks to wait, `$3` seconds between two, `$4` the script that ends
 */
const watchingScript = `
mark="guard/$1"
taken=
while read -r word rest; do
  case $word in
    too) taken="$taken\${taken:+
}MAI_MARK=$rest" ;;
    done) exit 0 ;;
  esac
done
lives() {
  grep -qsF -e "$mark" /proc/[0-9]*/environ || {
    [ -n "$taken" ] && grep -qszxF -e "$taken" /proc/[0-9]*/environ
  }
}
looks=$2
while [ "$looks" -gt 0 ]; do
  lives || { sleep 0.05; lives || exit 0; }
  sleep "$3"
  looks=$((looks - 1))
done
exec sh -c "$4" ${endingName} "$1" "$mark" "$taken"
`;

/** What stands in the environment of every process of a worker that has a guard. @internal */
export function guardMark(workerId: string): string {
  return `guard/${workerId}`;
}

/** The command line of a guard that gives others `leaseMs` to take over. @internal */
export function guardCommand(workerId: string, leaseMs: number): readonly string[] {
  const pauseMs = Math.min(1_000, Math.max(50, leaseMs / 4));
  const looks = Math.ceil(leaseMs / pauseMs);
  return ["-c", watchingScript, watchingName, workerId, String(looks), String(pauseMs / 1_000), endingScript];
}
