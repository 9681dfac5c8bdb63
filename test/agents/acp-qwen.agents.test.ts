import { describeRealAgent } from "./describe-real-agent.ts";

describeRealAgent("acp-qwen");
