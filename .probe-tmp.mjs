import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync } from "node:fs";
import { startFakeModel, claudeEnvironment, installClaude, script } from "mai-orchestration-testkit";
const claude=(await installClaude()).executable; const model=await startFakeModel();
const home=mkdtempSync("/tmp/probe-"); mkdirSync(home+"/w");
const env={...claudeEnvironment(model.url,home),CLAUDE_CODE_DISABLE_BACKGROUND_TASKS:"1"};
function start(args,prompt){ const t=performance.now(); const c=spawn(claude,args,{cwd:home+"/w",env,stdio:["pipe","pipe","pipe"]}); const lines=[]; let buf=""; let on=()=>{};
 c.stdout.on("data",d=>{buf+=d; let i; while((i=buf.indexOf("\n"))>=0){const l=buf.slice(0,i);buf=buf.slice(i+1); let e; try{e=JSON.parse(l)}catch{e={raw:l}}; e.at=Math.round(performance.now()-t); lines.push(e); on(e)}}); c.stderr.on("data",d=>lines.push({err:String(d)}));
 if(prompt!==undefined) c.stdin.end(prompt);
 const end=new Promise(r=>c.once("exit",(code,sig)=>r({code,sig,ms:Math.round(performance.now()-t)})));
 return {c,lines,end,send:o=>c.stdin.write(JSON.stringify(o)+"\n"),seen:f=>new Promise(r=>{const e=lines.find(f); if(e) return r(e); on=e=>{if(f(e)) r(e)}})}; }
const base=["-p","--output-format","stream-json","--verbose"];
const short=e=>JSON.stringify(e).slice(0,600);
const which=process.argv.slice(2);
if(which.includes("int")) for (const mode of ["plain","stream","control"]) {
 const p=script([{text:"hello",tool:"Bash",input:{command:"touch x; tail -f /dev/null",description:"d"}},{text:"x"}]);
 const s = mode==="plain"? start([...base,"--permission-mode","acceptEdits","--allowedTools","Bash"],p) : start([...base,"--input-format","stream-json","--permission-prompt-tool","stdio","--allowedTools","Bash"]);
 if(mode!=="plain") s.send({type:"user",message:{role:"user",content:p}});
 await s.seen(e=>e.type==="assistant"&&JSON.stringify(e).includes("tool_use")); await new Promise(r=>setTimeout(r,500));
 const t=performance.now();
 if(mode==="control"){ s.send({type:"control_request",request_id:"i",request:{subtype:"interrupt"}}); s.seen(e=>e.type==="result").then(()=>s.c.stdin.end());} else s.c.kill("SIGINT");
 const r=await Promise.race([s.seen(e=>e.type==="result"),new Promise(r=>setTimeout(()=>r("none"),6000))]); const tr=performance.now()-t;
 const e=await Promise.race([s.end,new Promise(r=>setTimeout(()=>r("alive"),6000))]); console.log(mode,"result after",Math.round(tr),"end",JSON.stringify(e),"after",Math.round(performance.now()-t),r.subtype,r.terminal_reason,JSON.stringify(r.model_usage_since_last_result)); s.c.kill("SIGKILL");
}
if(which.includes("clear")) {
 const s=start([...base,"--input-format","stream-json","--permission-prompt-tool","stdio"]);
 const turn=async(content)=>{const t=performance.now(); const n=s.lines.filter(e=>e.type==="result").length; s.send({type:"user",message:{role:"user",content}}); await s.seen(()=>s.lines.filter(e=>e.type==="result").length>n); console.log(content.slice(0,30),Math.round(performance.now()-t),"ms", [...new Set(s.lines.map(e=>e.session_id))]);};
 await turn(script([{text:"one"}])); await turn("/clear"); await turn(script([{text:"two"}])); await turn(script([{text:"three"}]));
 console.log(s.lines.filter(e=>e.type!=="control_response").slice(2).map(e=>short(e).slice(0,250)).join("\n"));
 console.log(model.requests.map(r=>[r.kind,r.prompt.slice(0,50),r.step]));
 s.c.stdin.end(); console.log(await s.end);
}
if(which.includes("startup")) {
 const one=[],two=[];
 const s=start([...base,"--input-format","stream-json"]); s.send({type:"user",message:{role:"user",content:script([{text:"warm"}])}}); await s.seen(e=>e.type==="result");
 for(let i=0;i<10;i++){ let t=performance.now(); const x=start(base,script([{text:"a"}])); await x.end; one.push(performance.now()-t);
  t=performance.now(); const n=s.lines.filter(e=>e.type==="result").length; s.send({type:"user",message:{role:"user",content:script([{text:"b"+i}])}}); await s.seen(()=>s.lines.filter(e=>e.type==="result").length>n); two.push(performance.now()-t);}
 const med=a=>Math.round([...a].sort((x,y)=>x-y)[a.length/2|0]); console.log("own process",med(one),"ms; turn in living process",med(two),"ms; n=10"); s.c.kill();
}
if(which.includes("schema")) for (const schema of [{type:"array",items:{type:"number"}},{type:"strng"},{anyOf:[{type:"object"}]},{}]) { const s=start([...base,"--json-schema",JSON.stringify(schema)],script([{tool:"StructuredOutput",input:{n:1}},{text:"x"}])); const e=await s.end; console.log(JSON.stringify(schema),JSON.stringify(e), s.lines.filter(e=>e.type==="result"||e.raw||e.err).map(short)); }
if(which.includes("fork")) { const s=start(base,script([{text:"base"}])); await s.end; const id=s.lines.find(e=>e.session_id).session_id;
 for(let i=0;i<2;i++){const f=start([...base,"--resume",id,"--fork-session"],"Go on. "+script([{text:"fork"}])); const e=await f.end; const r=f.lines.find(e=>e.type==="result"); console.log(e,id===r.session_id,r.total_cost_usd,JSON.stringify(r.modelUsage),JSON.stringify(r.model_usage_since_last_result));}}
await model.close(); process.exit(0);
