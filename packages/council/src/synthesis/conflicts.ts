import type { AgentPerspective, Conflict, Position } from "../result.ts";

/**
 * Where perspectives of one round exclude each other. Approve against block always does; approve against defer once
 * those who defer are a share of `threshold`.
 *
 * @public
 */
export function detectConflicts(perspectives: readonly AgentPerspective[], threshold = 0.3): Conflict[] {
  const at = (position: Position): readonly AgentPerspective[] =>
    perspectives.filter((one) => one.position === position);
  const [approving, blocking, deferring] = [at("approve"), at("block"), at("defer")];
  const conflicts: Conflict[] = [];
  if (approving.length > 0 && blocking.length > 0) {
    const severity = blocking.some(({ agent }) => agent.vetoPower) ? "critical" : "major";
    conflicts.push(conflictOf("direct", severity, approving, blocking, "block"));
  }
  if (approving.length > 0 && deferring.length > 0 && deferring.length / perspectives.length >= threshold)
    conflicts.push(conflictOf("priority", "minor", approving, deferring, "defer"));
  return conflicts;
}

function conflictOf(
  type: Conflict["type"],
  severity: Conflict["severity"],
  approving: readonly AgentPerspective[],
  against: readonly AgentPerspective[],
  verb: string,
): Conflict {
  const round = against[0]?.round ?? 1;
  return {
    id: `round-${round}-${type}`,
    type,
    severity,
    description: `${names(approving)} approve, ${names(against)} ${verb}`,
    agents: [...approving, ...against].map(({ agent }) => agent.name),
    resolved: false,
  };
}

function names(perspectives: readonly AgentPerspective[]): string {
  return perspectives.map(({ agent }) => agent.name).join(", ");
}
