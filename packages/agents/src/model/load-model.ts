/** The AI SDK and a provider of it, loaded when a task needs them: both are the user's to install. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as AiSdk from "ai";
import { MaiError, messageOf } from "mai-orchestration-core";
import type { ResolvedModelOptions } from "./options.ts";

/** @internal */
export type Sdk = typeof AiSdk;

/** @internal */
export interface LoadedModel {
  readonly sdk: Sdk;
  readonly model: AiSdk.LanguageModel;
}

/**
 * Rejects `agent.not-installed`, with the command that installs what is
 * missing, and `agent.invalid` for a package that is no provider.
 *
 * @param root - whose packages count where ours do not have them
 * @internal
 */
export async function loadModel(options: ResolvedModelOptions, root: string): Promise<LoadedModel> {
  const { model } = options;
  if (typeof model !== "string") {
    const sdk = (await load("ai", root, ["ai"])) as unknown as Sdk;
    return { sdk, model: model as unknown as AiSdk.LanguageModel };
  }
  const provider = model.slice(0, model.indexOf("/"));
  const name = `@ai-sdk/${provider}`;
  const [sdk, module] = [await load("ai", root, ["ai", name]), await load(name, root, ["ai", name])];
  const create = factoryIn(module, provider);
  if (create === null)
    throw new MaiError("agent.invalid", `${name} makes no models`, { hint: "Name another provider." });
  return {
    sdk: sdk as unknown as Sdk,
    model: create(settingsOf(options, provider))(model.slice(provider.length + 1)),
  };
}

type Module = Readonly<Record<string, unknown>>;
type Factory = (settings: object) => (modelId: string) => AiSdk.LanguageModel;

/** Ours first, then those of the project: one of us that is installed globally does not see what a project has. */
async function load(name: string, root: string, wanted: readonly string[]): Promise<Module> {
  try {
    return (await import(name)) as Module;
  } catch (error) {
    if (!isMissing(error, name)) throw broken(name, error);
  }
  try {
    const file = createRequire(join(root, "package.json")).resolve(name);
    return (await import(pathToFileURL(file).href)) as Module;
  } catch (error) {
    if (!isMissing(error, name)) throw broken(name, error);
    const command = `npm install ${wanted.join(" ")}`;
    throw new MaiError("agent.not-installed", `${name} is not installed; install it with: ${command}`, {
      hint: `Run: ${command}`,
    });
  }
}

function isMissing(error: unknown, name: string): boolean {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  const isNotFound = code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
  return isNotFound && messageOf(error).includes(name);
}

function broken(name: string, error: unknown): MaiError {
  return new MaiError("agent.not-installed", `${name} cannot be loaded: ${messageOf(error)}`, {
    hint: "Install it anew.",
    cause: error,
  });
}

/** Every provider exports a `create...` of its name, such as `createAnthropic`, `createGoogleGenerativeAI`. */
function factoryIn(module: Module, provider: string): Factory | null {
  const own = provider.replaceAll("-", "");
  const names = Object.keys(module).filter((name) => name.toLowerCase().startsWith(`create${own}`));
  const [shortest] = names.sort((a, b) => a.length - b.length);
  const factory = shortest === undefined ? null : module[shortest];
  return typeof factory === "function" ? (factory as Factory) : null;
}

function settingsOf({ baseUrl, apiKeyVariable }: ResolvedModelOptions, provider: string): object {
  return {
    ...(provider === "openai-compatible" && { name: provider, includeUsage: true }),
    ...(baseUrl !== null && { baseURL: baseUrl }),
    ...(apiKeyVariable !== null && { apiKey: process.env[apiKeyVariable] ?? "" }),
  };
}
