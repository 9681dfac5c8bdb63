/** Who sits in a council, from the word after `--roster`. */
import { existsSync, globSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { type CouncilSeat, MaiError, seatId } from "mai-orchestration-core";
import { namedSeat, readAgentFile, readRoster } from "mai-orchestration-council";
import type { CommandIo } from "../io.ts";
import { textFrom } from "../verbs/import.ts";

/**
 * The seats that a roster file or a list of roles names; `null` when nothing was given. Names in a file stand for the
 * agent files in `Agents` beside it or beside its folder, as packs of agents have them. Rejects `council.unreadable`.
 *
 * @internal
 */
export async function rosterFrom(word: string | undefined, io: CommandIo): Promise<CouncilSeat[] | null> {
  if (word === undefined) return null;
  const file = resolve(io.cwd, word);
  const isFile = existsSync(file) && statSync(file).isFile();
  if (!isFile && /\.(?:ya?ml|json)$/i.test(word))
    throw new MaiError("council.unreadable", `The roster ${word} does not exist`, {
      hint: "Check the path.",
    });
  const seats = isFile
    ? readRoster(await textFrom(word, io), word, await agentsBeside(file, io.cwd)).seats
    : rolesIn(word).map((role) => namedSeat(role, []));
  if (new Set(seats.map(({ name, role }) => seatId(name ?? role))).size < seats.length)
    throw new MaiError("council.unreadable", `The roster ${word} has two seats of one name`, {
      hint: "Give one of them a `name` of its own.",
    });
  return [...seats];
}

function rolesIn(word: string): string[] {
  const roles = word
    .split(",")
    .map((role) => role.trim())
    .filter((role) => role !== "");
  if (roles.length > 0) return roles;
  throw new MaiError("cli.usage", "--roster names nobody", {
    hint: "Such as --roster TechLead,SecurityEngineer.",
  });
}

async function agentsBeside(roster: string, cwd: string): Promise<CouncilSeat[]> {
  const folder = dirname(roster);
  const places = [join(folder, "Agents"), join(dirname(folder), "Agents")];
  const files = places
    .flatMap((place) => globSync("*.md", { cwd: place }).map((name) => join(place, name)))
    .sort();
  return Promise.all(
    files.map(async (file) => readAgentFile(await readFile(file, "utf8"), relative(cwd, file) || file)),
  );
}
