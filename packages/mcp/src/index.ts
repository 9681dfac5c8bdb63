/** The MCP server of mai-orchestration-framework: what `mai mcp` loads. See docs/ARCHITECTURE.md. */

export { createServer, type ServerOptions } from "./create-server.ts";
export { type ServeOptions, serveMcp } from "./serve-mcp.ts";
