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

class Wire implements SocketLike {
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
	say(frame: object): void {
		this.onmessage?.({ data: JSON.stringify(frame) });
	}
	end(code: number, reason = ""): void {
		this.onclose?.({ code, reason });
	}
	welcome(): void {
		this.open();
		this.say({ type: "welcome", heartbeat_ms: 20_000, conversations: [] });
	}
}

class Place implements ConnectionOptions {
	wires: Wire[] = [];
	story: string[] = [];
	sessions: (() => void)[] = [];

	dial(): SocketLike {
		const wire = new Wire();
		this.wires.push(wire);
		return wire;
	}
	hello = () => "hello";
	ping = () => "ping";
	session = () => new Promise<boolean>((done) => this.sessions.push(() => done(true)));
	frame = (frame: { type: string }) => void this.story.push(frame.type);
	up = () => void this.story.push("up");
	down = () => void this.story.push("down");
	stopped = (code: number) => void this.story.push(`stopped ${code}`);

	wire(): Wire {
		const newest = this.wires[this.wires.length - 1];
		if (!newest) throw new Error("nothing was dialled");
		return newest;
	}
}

function started(): { place: Place; link: Connection } {
	const place = new Place();
	const link = makeConnection(place);
	link.start();
	place.wire().welcome();
	return { place, link };
}

test("up comes before the welcome, and only a live link takes what is sent", () => {
	const place = new Place();
	const link = makeConnection(place);
	expect(link.send("early")).toBe(false);
	link.start();
	place.wire().welcome();
	expect(place.story).toEqual(["up", "welcome"]);
	expect(link.send("now")).toBe(true);
	expect(place.wire().sent).toEqual(["hello", "now"]);
});

test("what is no frame is ignored", () => {
	const { place } = started();
	place.wire().onmessage?.({ data: "<html>" });
	expect(place.story).toEqual(["up", "welcome"]);
});

test("a lost link goes down and is dialled anew", () => {
	const { place } = started();
	place.wire().end(1006);
	vi.advanceTimersByTime(1_000);
	expect(place.wires).toHaveLength(2);
	place.wire().welcome();
	expect(place.story).toEqual(["up", "welcome", "down", "up", "welcome"]);
});

describe("while the server drains", () => {
	function draining(): { place: Place; link: Connection; old: Wire } {
		const { place, link } = started();
		const old = place.wire();
		old.say({ type: "drain", within_ms: 1_000 });
		vi.advanceTimersByTime(1_000);
		return { place, link, old };
	}

	test("the old socket serves until the new one is welcomed, then it is closed", () => {
		const { place, link, old } = draining();
		old.say({ type: "entry" });
		link.send("on the old one");
		expect([old.closed, old.sent.includes("on the old one")]).toEqual([false, true]);
		place.wire().welcome();
		link.send("on the new one");
		expect([old.closed, place.wire().sent]).toEqual([true, ["hello", "on the new one"]]);
		expect(place.story).toEqual(["up", "welcome", "drain", "entry", "up", "welcome"]);
	});

	test("a failed attempt leaves the old one alone; its own end is a down", () => {
		const { place, old } = draining();
		place.wire().end(1006);
		expect(place.story).not.toContain("down");
		old.end(1012);
		expect(place.story.at(-1)).toBe("down");
		vi.advanceTimersByTime(1_000);
		place.wire().welcome();
		expect(place.story.slice(-3)).toEqual(["down", "up", "welcome"]);
	});
});

test("an expired session is renewed once", async () => {
	const { place } = started();
	place.wire().end(4401);
	place.sessions[0]?.();
	await vi.advanceTimersByTimeAsync(0);
	expect(place.wires).toHaveLength(2);
	place.wire().open();
	place.wire().end(4401);
	expect(place.story.slice(-2)).toEqual(["down", "stopped 4401"]);
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
			const { place } = started();
			place.wire().end(Number(code));
			vi.advanceTimersByTime(1_000);
			const seen = [
				place.wires.length > 1 && "dialled",
				place.story.at(-1) === `stopped ${code}` && "stopped",
				place.sessions.length > 0 && "renewed",
			].filter(Boolean);
			expect(seen).toEqual(reaction === "wait" ? [] : [expected[reaction]]);
		});
	}

	test("an unknown one, as of a lost network: reconnect", () => {
		const { place } = started();
		place.wire().end(1006);
		vi.advanceTimersByTime(1_000);
		expect(place.wires).toHaveLength(2);
	});
});

test("the wait after too fast is read from the reason, else it is half a minute", () => {
	const { place } = started();
	place.wire().end(4429, "Too many frames; come back in 1200 ms.");
	vi.advanceTimersByTime(1_199);
	expect(place.wires).toHaveLength(1);
	vi.advanceTimersByTime(251);
	expect(place.wires).toHaveLength(2);
	place.wire().end(4429);
	vi.advanceTimersByTime(29_000);
	expect(place.wires).toHaveLength(2);
	vi.advanceTimersByTime(2_000);
	expect(place.wires).toHaveLength(3);
});

test("after a stop it can be started again", () => {
	const { place, link } = started();
	place.wire().end(4409);
	link.start();
	place.wire().welcome();
	expect(place.story.slice(-4)).toEqual(["down", "stopped 4409", "up", "welcome"]);
});

test("stop ends the socket and every timer, and tells that it is down", () => {
	const { place, link } = started();
	link.stop();
	expect([place.wire().closed, vi.getTimerCount(), place.story.at(-1)]).toEqual([true, 0, "down"]);
});
