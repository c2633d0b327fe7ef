/** The style of every page: light and dark, from 320 pixels on, with a visible focus. */
export const style = `
:root{color-scheme:light dark;--back:#f3f4f6;--card:#fff;--text:#1b1f24;--soft:#59616b;--line:#c9ced6;--accent:#0b5cad;--on-accent:#fff;--warn:#9a3412}
@media (prefers-color-scheme:dark){:root{--back:#14171b;--card:#1e2329;--text:#eef1f5;--soft:#aab3be;--line:#48515c;--accent:#8cc2ff;--on-accent:#0d1b2a;--warn:#ffb38a}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{max-width:28rem;margin:6vh auto;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;overflow-wrap:anywhere}
main.wide{max-width:72rem}
@media (max-width:30rem){main{margin:0;border:0;border-radius:0;min-height:100vh;padding:1.25rem}}
h1{margin:.25rem 0 .75rem;font-size:1.5rem;line-height:1.25}
h2{margin:1.5rem 0 .5rem;font-size:1.1rem}
p,ul,ol,dl{margin:0 0 1rem}
ul,ol{padding-left:1.25rem}
li{margin-bottom:.5rem}
dt{font-weight:600}
dd{margin:0 0 .75rem}
a{color:var(--accent)}
code{font:.9em ui-monospace,monospace}
.brand{margin:0 0 1rem;color:var(--soft);font-size:.875rem}
.soft{color:var(--soft)}
.error{color:var(--warn);font-weight:600}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0 0}
.list{list-style:none;padding:0}
.nav{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}
.nav a{display:inline-block;padding:.5rem 0}
.nav a[aria-current]{color:var(--text);font-weight:600}
.notice{padding:.5rem .75rem;border-left:4px solid var(--accent)}
form{margin:0}
label{display:block;font-weight:600}
label.choice{display:flex;gap:.5rem;align-items:baseline;font-weight:400}
input[type=text],select,textarea{width:100%;min-height:2.75rem;margin:.25rem 0 .75rem;padding:.5rem .75rem;font:inherit;color:inherit;background:var(--back);border:1px solid var(--soft);border-radius:.25rem}
button{min-height:2.75rem;padding:.5rem 1.25rem;font:inherit;color:var(--text);background:var(--card);border:1px solid var(--soft);border-radius:.25rem;cursor:pointer}
button.main{color:var(--on-accent);background:var(--accent);border-color:var(--accent);font-weight:600}
button.row{width:100%;text-align:left}
button.row small{display:block;color:var(--soft)}
button:hover{outline:2px solid var(--soft);outline-offset:1px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{width:100%;border-collapse:collapse}
th,td{padding:.5rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{font-weight:600}
td .actions{margin:0}
th .soft{font-weight:400}
td,th{overflow-wrap:break-word}
td code{overflow-wrap:anywhere}
@media (max-width:48rem){
thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
table,tbody,tr,tbody th,td{display:block}
tr{padding:.5rem 0;border-bottom:1px solid var(--line)}
tbody th,td{padding:.25rem 0;border:0;overflow-wrap:anywhere}
td:empty{display:none}
td::before{display:block;color:var(--soft);font-size:.875rem;content:attr(data-label)}
}
pre{margin:.5rem 0 1rem;padding:.75rem;overflow-x:auto;font:.85rem/1.5 ui-monospace,monospace;background:var(--back)}
summary{padding:.25rem 0;cursor:pointer}
iframe{display:none}
`;
