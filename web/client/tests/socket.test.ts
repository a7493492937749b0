import { describe, expect, test } from "vitest";
import { Link, type SocketLike, type Surroundings } from "../src/socket";

class Wire implements SocketLike {
	readyState = 0;
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
		this.readyState = 3;
	}
	open(): void {
		this.readyState = 1;
		this.onopen?.();
	}
	say(frame: object): void {
		this.onmessage?.({ data: JSON.stringify(frame) });
	}
	end(code: number, reason = ""): void {
		this.readyState = 3;
		this.onclose?.({ code, reason });
	}
	welcome(): void {
		this.open();
		this.say({ type: "welcome", heartbeat_ms: 20_000, conversations: [] });
	}
}

class Place implements Surroundings {
	wires: Wire[] = [];
	story: string[] = [];
	time = 0;
	timer: { at: number; call: () => void } | null = null;
	sessions: (() => void)[] = [];

	dial(): SocketLike {
		const wire = new Wire();
		this.wires.push(wire);
		return wire;
	}
	now = () => this.time;
	chance = () => 0.5;
	after(ms: number, call: () => void): () => void {
		const timer = { at: this.time + ms, call };
		this.timer = timer;
		return () => {
			if (this.timer === timer) this.timer = null;
		};
	}
	hello = () => "hello";
	ping = () => "ping";
	session = () => new Promise<boolean>((done) => this.sessions.push(() => done(true)));
	frame = (frame: { type: string }) => void this.story.push(frame.type);
	up = () => void this.story.push("up");
	down = () => void this.story.push("down");
	stopped = (code: number) => void this.story.push(`stopped ${code}`);
	reload = () => void this.story.push("reload");

	wire(): Wire {
		const newest = this.wires[this.wires.length - 1];
		if (!newest) throw new Error("nothing was dialled");
		return newest;
	}
	/** The timer's moment comes. */
	ring(): void {
		const timer = this.timer;
		if (!timer) throw new Error("no timer is set");
		this.timer = null;
		this.time = timer.at;
		timer.call();
	}
}

function started(): { place: Place; link: Link } {
	const place = new Place();
	const link = new Link(place);
	link.start();
	place.wire().welcome();
	return { place, link };
}

test("up comes before the welcome, and only a live link takes what is sent", () => {
	const place = new Place();
	const link = new Link(place);
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
	place.ring();
	expect(place.wires).toHaveLength(2);
	place.wire().welcome();
	expect(place.story).toEqual(["up", "welcome", "down", "up", "welcome"]);
});

describe("while the server drains", () => {
	function draining(): { place: Place; link: Link; old: Wire } {
		const { place, link } = started();
		const old = place.wire();
		old.say({ type: "drain", within_ms: 1_000 });
		place.ring();
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
		place.ring();
		place.wire().welcome();
		expect(place.story.slice(-3)).toEqual(["down", "up", "welcome"]);
	});
});

test("an expired session is renewed once", async () => {
	const { place } = started();
	place.wire().end(4401);
	place.sessions[0]?.();
	await Promise.resolve();
	await Promise.resolve();
	expect(place.wires).toHaveLength(2);
	place.wire().open();
	place.wire().end(4401);
	expect(place.story.slice(-2)).toEqual(["down", "stopped 4401"]);
});

test("the wait after too fast is read from the reason", () => {
	const { place } = started();
	place.wire().end(4429, "retry in 12 s");
	expect(place.timer?.at).toBe(12_250);
});

test("stop ends the socket and every timer", () => {
	const { place, link } = started();
	link.stop();
	expect([place.wire().closed, place.timer, place.story.at(-1)]).toEqual([true, null, "down"]);
});
