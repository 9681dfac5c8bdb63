/** One worker of `postgres.ts`: drains what is there, `argv[3]` tasks at a time, and says how many it did. */
import { once } from "node:events";
import { keeperOf } from "./postgres-keepers.ts";

const [, , kind = "ours", inFlight = "1"] = process.argv;
const keeper = await keeperOf(kind, process.env["BENCH_POSTGRES_URL"] ?? "");
await keeper.warm();
process.stdout.write("ready 1\n");
await once(process.stdin, "data");
const ran = await keeper.drain(Number(inFlight));
process.stdout.write(`ran ${ran}\n`);
