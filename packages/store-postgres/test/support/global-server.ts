/** One server for all test files, unless MAI_TEST_POSTGRES_URL names one. */
import type { TestProject } from "vitest/node";
import { startServer, type TestServer } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

let server: TestServer | null = null;

export async function setup(project: TestProject): Promise<void> {
  const given = process.env["MAI_TEST_POSTGRES_URL"] ?? "";
  if (given === "") server = await startServer();
  project.provide("postgresUrl", server?.url ?? given);
}

export async function teardown(): Promise<void> {
  await server?.destroy();
}
