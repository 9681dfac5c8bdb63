/** A wire to a server that can be cut: what is sent then arrives nowhere, and nobody is told. */
import { connect, createServer, type Socket } from "node:net";

export interface Wire {
  readonly port: number;
  cut(): void;
  /** Lets new connections through again; those that were cut are gone. */
  mend(): void;
  close(): Promise<void>;
}

export async function openWire(to: number): Promise<Wire> {
  const pairs = new Set<readonly [Socket, Socket]>();
  /** Came while it was cut: nobody answers them. */
  const waiting = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    near.on("error", () => undefined);
    near.on("close", () => waiting.delete(near));
    if (isCut) {
      waiting.add(near);
      near.pause();
      return;
    }
    const far = connect(to, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    far.on("error", () => near.destroy());
    near.on("error", () => far.destroy());
    near.on("close", () => far.destroy());
    far.on("close", () => {
      near.destroy();
      pairs.delete(pair);
    });
    near.pipe(far);
    far.pipe(near);
  });
  const destroyAll = (): void => {
    for (const socket of [...[...pairs].flat(), ...waiting]) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  return {
    port: address.port,
    cut() {
      isCut = true;
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
    },
    mend() {
      isCut = false;
      destroyAll();
    },
    async close() {
      destroyAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
