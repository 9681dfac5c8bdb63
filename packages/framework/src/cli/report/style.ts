/** How the page looks, in light and in dark. */

/** @internal */
export const style = `:root{color-scheme:light dark;--ink:#1d2129;--quiet:#5b6472;--paper:#fff;--line:#d9dee6;--panel:#f5f7fa;
--good:#1a7f4b;--fair:#9a6700;--bad:#c62f2f;--idle:#6e7683;--edge:#8a94a3;--check:#0006}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--quiet:#9aa4b2;--paper:#14171c;--line:#2f3640;--panel:#1c2128;
--good:#3fb677;--fair:#d5a233;--bad:#f0706a;--idle:#8b95a3;--edge:#667080;--check:#fff5}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1000px;padding:28px 20px 60px;color:var(--ink);background:var(--paper);
font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:18px;margin:36px 0 10px}h3{font-size:15px;margin:0}.quiet{color:var(--quiet)}code,pre{font:13px/1.45 ui-monospace,monospace}
.facts{display:flex;flex-wrap:wrap;gap:10px;margin:18px 0 0;padding:0;list-style:none}
.facts li{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:8px 14px}
.facts b{display:block;font-size:18px;font-weight:600}.facts span{color:var(--quiet);font-size:13px}
.tag{display:inline-block;border-radius:5px;padding:0 7px;font-size:13px;font-weight:600;border:1px solid currentColor;white-space:nowrap}
.verified{color:var(--good);fill:var(--good)}.unverified{color:var(--fair);fill:var(--fair)}
.failed,.lost{color:var(--bad);fill:var(--bad)}.blocked,.cancelled,.running,.idle{color:var(--idle);fill:var(--idle)}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:8px}.chart{padding:12px}
table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}th{color:var(--quiet);font-weight:500;white-space:nowrap;background:var(--panel)}
td.n,th.n{text-align:right;white-space:nowrap}td.id{white-space:nowrap;font-weight:600}td.why{min-width:220px}a{color:inherit}
details{border:1px solid var(--line);border-radius:8px;margin:8px 0;background:var(--paper)}summary{padding:9px 14px;cursor:pointer;display:flex;
gap:10px;align-items:baseline;flex-wrap:wrap}details>div{padding:0 14px 12px}pre{background:var(--panel);border-radius:6px;padding:10px;overflow-x:auto;
white-space:pre-wrap;max-height:340px;margin:6px 0}ul{margin:6px 0;padding-left:20px}svg text{fill:var(--ink);font:12px system-ui,sans-serif}
svg .tick{fill:var(--quiet);font-size:11px}svg .grid{stroke:var(--line)}svg .edge{fill:none;stroke:var(--edge);stroke-width:1}
svg .checking{fill:var(--check)}svg{display:block;max-width:none}@media print{details>div{display:block}}`;
