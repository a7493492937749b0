/**
 * A visitor's tab without a page, run by Node for the fault bench (`tests/faults/product_tab.py`): the link and the chat as the widget has
 * them. Prints, as lines of JSON, each entry when it is shown for good; a line on stdin is the page becoming visible.
 */
import {
	type Chat,
	type ChatInput,
	chatDue,
	cursorsOf,
	type Entry,
	emptyChat,
	type Log,
	makeConnection,
	type SocketLike,
	stepChat,
} from "../src";

// Node's own, beyond what types of this package know.
declare const process: {
	argv: string[];
	exit(code: number): never;
	stdin: { on(event: "data" | "end", call: () => void): void };
	stdout: { write(line: string): void };
};
declare const WebSocket: new (
	url: string,
	options: { protocols: string[]; headers: Record<string, string> },
) => SocketLike;
declare function setInterval(call: () => void, ms: number): unknown;

/** How often time is looked at; what is due waits no longer than this (ms). */
const TICK = 100;

const [, , token = "", ...gateways] = process.argv;
const told = new Map<string, number>();
let chat: Chat = emptyChat("visitor");
let turn = 0;

function tell(line: object): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

function feed(input: ChatInput): void {
	const stepped = stepChat(chat, input, Date.now());
	chat = stepped.chat;
	for (const frame of stepped.frames) link.send(JSON.stringify(frame));
	for (const thread of chat.threads.values()) show(thread.log);
}

/** Hidden entries are held by their place in the sequence alone. */
function show({ conversation, epoch, entries, last }: Log): void {
	const shown = new Map<number, Entry>(entries.map((entry) => [entry.seq, entry]));
	const before = told.get(conversation) ?? 0;
	if (last < before) tell({ reset: conversation });
	for (let seq = last < before ? 1 : before + 1; seq <= last; seq++)
		tell(shown.get(seq) ?? { conversation, epoch, seq, kind: "hidden" });
	told.set(conversation, last);
}

const link = makeConnection({
	dial() {
		const gateway = gateways[turn++ % gateways.length] ?? "";
		const headers = { origin: gateway };
		return new WebSocket(`${gateway.replace("http", "ws")}/ws/visitor`, {
			protocols: ["palique.v1"],
			headers,
		});
	},
	hello: () =>
		JSON.stringify({
			type: "hello",
			token,
			client: "tab/1.0",
			page: { url: `${gateways[0]}/demo`, title: "Shop", referrer: "" },
			cursors: cursorsOf(chat),
		}),
	ping: () => JSON.stringify({ type: "ping", cursors: cursorsOf(chat) }),
	session: async () => true,
	frame: (frame) => feed({ type: "frame", frame }),
	up: () => tell({ up: true }),
	down: () => feed({ type: "disconnected" }),
	stopped: (code) => process.exit(code % 256 || 1),
});

link.start();
setInterval(() => chatDue(chat) <= Date.now() && feed({ type: "tick" }), TICK);
process.stdin.on("data", () => link.wake());
// Who started it is gone.
process.stdin.on("end", () => process.exit(0));
