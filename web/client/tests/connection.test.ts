import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CLOSE_CODES } from "../src/codes.gen";
import { type Connection, type ConnectionOptions, makeConnection, type SocketLike } from "../src/connection";

beforeEach(() => {
	vi.useFakeTimers();
	vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
	vi.restoreAllMocks();
	vi.useRealTimers();
});

class FakeSocket implements SocketLike {
	sent: string[] = [];
	closed = false;
	onopen: (() => void) | null = null;
	onmessage: ((event: { data: unknown }) => void) | null = null;
	onclose: ((event: { code: number; reason: string }) => void) | null = null;

	send(data: string): void {
		this.sent.push(data);
	}
	close(): void {
		this.closed = true;
	}
	open(): void {
		this.onopen?.();
	}
	receive(frame: object): void {
		this.onmessage?.({ data: JSON.stringify(frame) });
	}
	end(code: number, reason = ""): void {
		this.onclose?.({ code, reason });
	}
	welcome(): void {
		this.open();
		this.receive({ type: "welcome", heartbeat_ms: 20_000, conversations: [] });
	}
}

class Tab implements ConnectionOptions {
	sockets: FakeSocket[] = [];
	events: string[] = [];
	sessions: (() => void)[] = [];

	dial(): SocketLike {
		const socket = new FakeSocket();
		this.sockets.push(socket);
		return socket;
	}
	hello = (socket: SocketLike) => socket.send("hello");
	ping = () => "ping";
	session = () => new Promise<boolean>((done) => this.sessions.push(() => done(true)));
	frame = (frame: { type: string }) => void this.events.push(frame.type);
	up = () => void this.events.push("up");
	down = () => void this.events.push("down");
	stopped = (code: number) => void this.events.push(`stopped ${code}`);

	socket(): FakeSocket {
		const newest = this.sockets[this.sockets.length - 1];
		if (!newest) throw new Error("nothing was dialled");
		return newest;
	}
}

function started(): { tab: Tab; connection: Connection } {
	const tab = new Tab();
	const connection = makeConnection(tab);
	connection.start();
	tab.socket().welcome();
	return { tab, connection };
}

test("up is called before the welcome, and only a live connection sends", () => {
	const tab = new Tab();
	const connection = makeConnection(tab);
	expect(connection.send("early")).toBe(false);
	connection.start();
	tab.socket().welcome();
	expect(tab.events).toEqual(["up", "welcome"]);
	expect(connection.send("now")).toBe(true);
	expect(tab.socket().sent).toEqual(["hello", "now"]);
});

test("data that is no frame is ignored", () => {
	const { tab, connection } = started();
	for (const data of ["<html>", "null", "7", "{}"]) tab.socket().onmessage?.({ data });
	expect([tab.events, connection.send("still live")]).toEqual([["up", "welcome"], true]);
});

test("a socket that was given up says nothing any more", () => {
	const { tab, connection } = started();
	const first = tab.socket();
	connection.stop();
	connection.start();
	tab.socket().welcome();
	first.receive({ type: "entry" });
	first.welcome();
	first.end(4401);
	expect([tab.events, tab.sockets.length]).toEqual([["up", "welcome", "down", "up", "welcome"], 2]);
	expect(connection.send("on the new one")).toBe(true);
});

test("a lost connection goes down and is dialled again", () => {
	const { tab } = started();
	tab.socket().end(1006);
	vi.advanceTimersByTime(1_000);
	expect(tab.sockets).toHaveLength(2);
	tab.socket().welcome();
	expect(tab.events).toEqual(["up", "welcome", "down", "up", "welcome"]);
});

describe("while the server drains", () => {
	function draining(): { tab: Tab; connection: Connection; old: FakeSocket } {
		const { tab, connection } = started();
		const old = tab.socket();
		old.receive({ type: "drain", within_ms: 1_000 });
		vi.advanceTimersByTime(1_000);
		return { tab, connection, old };
	}

	test("the old socket stays in use until the new one receives welcome, then it is closed", () => {
		const { tab, connection, old } = draining();
		old.receive({ type: "entry" });
		connection.send("on the old one");
		expect([old.closed, old.sent.includes("on the old one")]).toEqual([false, true]);
		tab.socket().welcome();
		connection.send("on the new one");
		expect([old.closed, tab.socket().sent]).toEqual([true, ["hello", "on the new one"]]);
		expect(tab.events).toEqual(["up", "welcome", "drain", "entry", "up", "welcome"]);
	});

	test("a failed attempt does not close the old socket; its own close is a down", () => {
		const { tab, old } = draining();
		tab.socket().end(1006);
		expect(tab.events).not.toContain("down");
		old.end(1012);
		expect(tab.events.at(-1)).toBe("down");
		vi.advanceTimersByTime(1_000);
		tab.socket().welcome();
		expect(tab.events.slice(-3)).toEqual(["down", "up", "welcome"]);
	});
});

test("an expired session is renewed once", async () => {
	const { tab } = started();
	tab.socket().end(4401);
	tab.sessions[0]?.();
	await vi.advanceTimersByTimeAsync(0);
	expect(tab.sockets).toHaveLength(2);
	tab.socket().open();
	tab.socket().end(4401);
	expect(tab.events.slice(-2)).toEqual(["down", "stopped 4401"]);
});

describe("each close code has its reaction", () => {
	const expected = {
		reconnect: "dialled",
		wait: "quiet",
		stop: "stopped",
		reload: "stopped",
		session: "renewed",
	};
	for (const [code, { name, reaction }] of Object.entries(CLOSE_CODES)) {
		test(`${code} ${name}: ${reaction}`, () => {
			const { tab } = started();
			tab.socket().end(Number(code));
			vi.advanceTimersByTime(1_000);
			const seen = [
				tab.sockets.length > 1 && "dialled",
				tab.events.at(-1) === `stopped ${code}` && "stopped",
				tab.sessions.length > 0 && "renewed",
			].filter(Boolean);
			expect(seen).toEqual(reaction === "wait" ? [] : [expected[reaction]]);
		});
	}

	test("an unknown code, as after a network failure: reconnect", () => {
		const { tab } = started();
		tab.socket().end(1006);
		vi.advanceTimersByTime(1_000);
		expect(tab.sockets).toHaveLength(2);
	});
});

test("the wait after 4429 (too fast) is read from the reason, else it is 30 s", () => {
	const { tab } = started();
	tab.socket().end(4429, "Too many frames; come back in 1200 ms.");
	vi.advanceTimersByTime(1_199);
	expect(tab.sockets).toHaveLength(1);
	vi.advanceTimersByTime(251);
	expect(tab.sockets).toHaveLength(2);
	tab.socket().end(4429);
	vi.advanceTimersByTime(29_000);
	expect(tab.sockets).toHaveLength(2);
	vi.advanceTimersByTime(2_000);
	expect(tab.sockets).toHaveLength(3);
});

test("a stopped connection can be started again", () => {
	const { tab, connection } = started();
	tab.socket().end(4409);
	connection.start();
	tab.socket().welcome();
	expect(tab.events.slice(-4)).toEqual(["down", "stopped 4409", "up", "welcome"]);
});

test("stop closes the socket, clears the timer and calls down", () => {
	const { tab, connection } = started();
	connection.stop();
	expect([tab.socket().closed, vi.getTimerCount(), tab.events.at(-1)]).toEqual([true, 0, "down"]);
});
