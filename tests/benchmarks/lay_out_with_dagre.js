// Lays out a graph given as JSON with dagre, blocks as compound nodes; prints the seconds that the layout alone took.
const { readFileSync } = require("node:fs");
const dagre = require("@dagrejs/dagre");

const given = JSON.parse(readFileSync(process.argv[2], "utf8"));
const graph = new dagre.graphlib.Graph({ compound: true });
graph.setGraph({ rankdir: "LR" });
graph.setDefaultEdgeLabel(() => ({}));
for (const { id, width, height } of given.nodes) graph.setNode(id, { width, height });
for (const { id } of given.groups) graph.setNode(id, {});
for (const { id, members } of given.groups) for (const member of members) graph.setParent(member, id);
for (const [source, target] of given.edges) graph.setEdge(source, target);

const began = performance.now();
const used = process.cpuUsage();
dagre.layout(graph);
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 }));
