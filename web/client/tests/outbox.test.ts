import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ack, ClientFrame } from "../src/frames";
import * as box from "../src/outbox";

type Send = Extract<ClientFrame, { type: "send" }>;

const ID = "0198f0a0-0000-7000-8000-0000000000";

function ack(client_id: string, conversation = "c"): Ack {
	return { type: "ack", client_id, conversation, epoch: 1, seq: 1, at: "", duplicate: false };
}

function draft(n: number, conversation: string | null = "c") {
	return { clientId: `${ID}${n.toString(16).padStart(2, "0")}`, conversation, text: `text ${n}`, at: 0 };
}

describe("one send in flight per conversation", () => {
	test("the second waits for the acknowledgement of the first", () => {
		const first = box.write(box.connect(box.emptyOutbox(false), 0).outbox, draft(1), 0);
		const second = box.write(first.outbox, draft(2), 0);
		expect([first.frames.length, second.frames.length]).toEqual([1, 0]);
		expect(box.acknowledge(second.outbox, ack(draft(1).clientId), 1).frames).toMatchObject([
			{ text: "text 2" },
		]);
	});

	test("conversations do not block each other; a message without a conversation waits for all", () => {
		let { outbox } = box.connect(box.emptyOutbox(true), 0);
		outbox = box.write(outbox, draft(1, "a"), 0).outbox;
		expect(box.write(outbox, draft(2, "b"), 0).frames).toHaveLength(1);
		expect(box.write(outbox, draft(2, null), 0).frames).toHaveLength(0);
	});

	test("the first message's acknowledgement names the conversation of the next", () => {
		let { outbox } = box.connect(box.emptyOutbox(true), 0);
		outbox = box.write(outbox, draft(1, null), 0).outbox;
		outbox = box.write(outbox, draft(2, null), 0).outbox;
		expect(box.acknowledge(outbox, ack(draft(1).clientId, "new"), 0).frames).toMatchObject([
			{ conversation: "new" },
		]);
	});
});

describe("a time-out is unknown, never failed (I-2)", () => {
	const sent = box.write(box.connect(box.emptyOutbox(true), 0).outbox, draft(1), 0).outbox;

	test("after 10 s without an answer the same client id is sent again", () => {
		expect(box.tick(sent, 9_999).frames).toEqual([]);
		expect(box.tick(sent, 10_000).frames).toMatchObject([{ client_id: draft(1).clientId }]);
		expect(box.outboxDue(sent)).toBe(10_000);
	});

	test("after a reconnect it is sent at once", () => {
		const away = box.disconnect(sent);
		expect(box.tick(away, 60_000).frames).toEqual([]);
		expect(box.connect(away, 60_000).frames).toMatchObject([{ client_id: draft(1).clientId }]);
	});

	test("after a refusal with retry_ms it is sent after that time", () => {
		const nack = {
			type: "nack",
			client_id: draft(1).clientId,
			code: "retry",
			message: "Again.",
			retry_ms: 700,
		} as const;
		const put = box.refuse(sent, nack, 100).outbox;
		expect(box.tick(put, 799).frames).toEqual([]);
		expect(box.tick(put, 800).frames).toHaveLength(1);
	});
});

describe("a final refusal", () => {
	const two = () => {
		const one = box.write(box.connect(box.emptyOutbox(true), 0).outbox, draft(1), 0).outbox;
		return box.write(one, draft(2), 0).outbox;
	};
	const nack = (code: string) =>
		({ type: "nack", client_id: draft(1).clientId, code, message: "Why.", retry_ms: null }) as const;

	test("keeps its reason, lets the next message go, and is sent again only on request", () => {
		const refused = box.refuse(two(), nack("too_large"), 0);
		expect(refused.outbox.items[0]).toMatchObject({
			phase: "failed",
			refusal: { code: "too_large", message: "Why." },
		});
		expect(refused.frames).toMatchObject([{ text: "text 2" }]);
		expect(box.tick(refused.outbox, 1e6).outbox.items[0]?.phase).toBe("failed");
		const idle = box.acknowledge(refused.outbox, ack(draft(2).clientId), 0).outbox;
		expect(box.retry(idle, draft(1).clientId, 0).frames).toMatchObject([{ text: "text 1" }]);
	});

	test("by a closed conversation moves its queue to a new one, in order, under a new client id (I-25)", () => {
		const moved = box.refuse(two(), nack("closed"), 0);
		expect(moved.frames).toMatchObject([
			{ conversation: null, text: "text 1", client_id: box.successor(draft(1).clientId) },
		]);
		expect(moved.outbox.items.map((item) => item.conversation)).toEqual([null, null]);
	});

	test("by a closed conversation is final for an agent", () => {
		const { outbox } = box.write(box.connect(box.emptyOutbox(false), 0).outbox, draft(1), 0);
		expect(box.refuse(outbox, nack("closed"), 0).outbox.items[0]?.phase).toBe("failed");
	});
});

test("the successor of an id is another id of the same shape, and the same in every tab", () => {
	fc.assert(
		fc.property(fc.uuid(), (id) => {
			const next = box.successor(id);
			expect(next).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
			expect(next).not.toBe(id);
			expect(box.successor(id)).toBe(next);
		}),
	);
});

test("with lost and doubled frames and cut connections each message is stored once, in the order written", () => {
	const event = fc.constantFrom(
		"write",
		"deliver",
		"lose_frame",
		"answer",
		"lose_answer",
		"put_off",
		"cut",
		"connect",
		"wait",
	);
	fc.assert(
		fc.property(fc.array(event, { maxLength: 200, size: "max" }), (events) => {
			const world = new World();
			for (const what of events) world.happen(what);
			world.calm();
			expect(world.stored).toEqual(world.written);
			expect(world.outbox.items).toEqual([]);
		}),
	);
});

/** A server that stores by client id, behind a connection that loses frames in both directions. */
class World {
	outbox = box.emptyOutbox(true);
	written: string[] = [];
	stored: string[] = [];
	private now = 0;
	private toServer: Send[] = [];
	private toClient: string[] = [];
	private ids = new Set<string>();

	happen(what: string): void {
		if (what === "write") this.write();
		if (what === "deliver") this.deliver();
		if (what === "lose_frame") this.toServer.shift();
		if (what === "answer") this.answer();
		if (what === "lose_answer") this.toClient.shift();
		if (what === "put_off") this.putOff();
		if (what === "cut") this.cut();
		if (what === "connect" && !this.outbox.connected) this.take(box.connect(this.outbox, this.now));
		if (what === "wait") this.wait();
	}

	/** Ends the losses and runs until nothing is pending. */
	calm(): void {
		this.cut();
		this.take(box.connect(this.outbox, this.now));
		for (let round = 0; this.outbox.items.length && round < 1_000; round++) {
			this.deliver();
			this.answer();
			this.wait();
		}
	}

	private write(): void {
		const next = draft(this.written.length % 256, this.written.length % 3 ? "c" : null);
		if (this.written.length === 256) return;
		this.written.push(next.text);
		this.take(box.write(this.outbox, next, this.now));
	}

	private deliver(): void {
		const frame = this.toServer.shift();
		if (!frame) return;
		if (!this.ids.has(frame.client_id)) this.stored.push(frame.text);
		this.ids.add(frame.client_id);
		this.toClient.push(frame.client_id);
	}

	private answer(): void {
		const id = this.toClient.shift();
		if (id) this.take(box.acknowledge(this.outbox, ack(id), this.now));
	}

	private putOff(): void {
		const frame = this.toServer.shift();
		if (!frame) return;
		const nack = {
			type: "nack",
			client_id: frame.client_id,
			code: "retry",
			message: "",
			retry_ms: 500,
		} as const;
		this.take(box.refuse(this.outbox, nack, this.now));
	}

	private cut(): void {
		this.toServer = [];
		this.toClient = [];
		this.outbox = box.disconnect(this.outbox);
	}

	private wait(): void {
		this.now += 4_000;
		this.take(box.tick(this.outbox, this.now));
	}

	private take(sent: box.OutboxStep): void {
		this.outbox = sent.outbox;
		this.toServer.push(...(sent.frames as Send[]));
		const perLine = this.outbox.items.filter((item) => item.phase === "sent" || item.phase === "waiting");
		expect(perLine.length).toBeLessThanOrEqual(1);
	}
}
