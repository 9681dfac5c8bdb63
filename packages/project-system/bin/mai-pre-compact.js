#!/usr/bin/env node
import { main } from "../dist/hooks.js";

await main();
