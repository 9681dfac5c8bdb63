/** Why a task is cancelled when a person asked for it: stands in the journal, and decides the exit code of its run. @internal */
export const cancelReason = "cancelled by mai cancel";
