import { describeRealAgent } from "./describe-real-agent.ts";

describeRealAgent("claude-code");
