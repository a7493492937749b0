/**
 * A visitor's tab without a page, run by Node for the fault tests (`tests/faults/product_tab.py`): connection and chat of the
 * widget. Prints each entry of the copy as a line of JSON; a line on stdin means that the page became visible.
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

// Of Node; this package has no types for it.
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

/** Interval at which due ticks are checked (ms). */
const TICK = 100;

const [, , token = "", ...gateways] = process.argv;
const printed = new Map<string, number>();
let chat: Chat = emptyChat("visitor");
let dials = 0;

function print(line: object): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

function step(input: ChatInput): void {
	const stepped = stepChat(chat, input, Date.now());
	chat = stepped.chat;
	for (const frame of stepped.frames) connection.send(JSON.stringify(frame));
	for (const thread of chat.threads.values()) show(thread.log);
}

/** Hidden entries are not in `entries`: their `seq` is printed. */
function show({ conversation, epoch, entries, last }: Log): void {
	const shown = new Map<number, Entry>(entries.map((entry) => [entry.seq, entry]));
	const before = printed.get(conversation) ?? 0;
	if (last < before) print({ reset: conversation });
	for (let seq = last < before ? 1 : before + 1; seq <= last; seq++)
		print(shown.get(seq) ?? { conversation, epoch, seq, kind: "hidden" });
	printed.set(conversation, last);
}

const connection = makeConnection({
	dial() {
		const gateway = gateways[dials++ % gateways.length] ?? "";
		const headers = { origin: gateway };
		return new WebSocket(`${gateway.replace("http", "ws")}/ws/visitor`, {
			protocols: ["palique.v1"],
			headers,
		});
	},
	hello(socket) {
		const page = { url: `${gateways[0]}/demo`, title: "Shop", referrer: "" };
		socket.send(JSON.stringify({ type: "hello", token, client: "tab/1.0", page, cursors: cursorsOf(chat) }));
	},
	ping: () => JSON.stringify({ type: "ping", cursors: cursorsOf(chat) }),
	session: async () => true,
	frame: (frame) => step({ type: "frame", frame }),
	up: () => print({ up: true }),
	down: () => step({ type: "disconnected" }),
	stopped: (code) => process.exit(code % 256 || 1),
});

connection.start();
setInterval(() => chatDue(chat) <= Date.now() && step({ type: "tick" }), TICK);
process.stdin.on("data", () => connection.wake());
// The parent process ended.
process.stdin.on("end", () => process.exit(0));
