/**
 * The application's state and everything that changes it. Frames, the loader's word and the person's acts come in; frames and
 * commands go out; `changed` is called after each.
 *
 * What must stay true: each message on its way is kept in the browser before it is sent, and until the log has it.
 */
import {
	type Chat,
	type ChatInput,
	chatDue,
	cursorsOf,
	decode,
	emptyChat,
	type Outgoing,
	type ServerFrame,
	stepChat,
	TYPING_EVERY,
} from "@palique/client";
import type { ConnectionStatus, HostState } from "../bridge";
import type { Loader } from "./loaderBridge";
import type { OutboxStorage } from "./outboxStorage";
import { threadsOf, unreadOf } from "./rows";

/** What the contract says until a `welcome` says otherwise. */
const TEXT_LIMIT = 4_000;

export interface SiteState {
	online: boolean;
	queuePosition: number | null;
}

export class ChatStore {
	chat: Chat = emptyChat("visitor");
	around: HostState | null = null;
	/** Unknown until the first `site` frame. */
	site: SiteState | null = null;
	textLimit = TEXT_LIMIT;
	/** The browser's own word; a link that was cut is found out later. */
	network = true;
	/** Counts the times that a person asked for the panel: each moves the focus. */
	asked = 0;
	private cursors = "";
	private typedAt = 0;
	private timer = 0;

	constructor(
		private readonly host: () => Loader,
		private readonly kept: OutboxStorage,
		private readonly changed: () => void,
	) {}

	surrounded(by: HostState): void {
		const first = !this.around;
		const wasUp = this.around?.link === "up";
		this.around = by;
		if (by.open && by.focus) this.asked++;
		if (first) this.restore([...this.kept.all(), ...by.kept]);
		else if (wasUp && by.link !== "up") this.feed({ type: "disconnected" });
		this.changed();
	}

	framed(raw: string): void {
		const frame = decode(raw);
		if (!frame) return;
		if (frame.type === "welcome") this.textLimit = frame.limits?.text ?? TEXT_LIMIT;
		if (frame.type === "site") this.site = { online: frame.online, queuePosition: frame.queue_position };
		this.feed({ type: "frame", frame });
		this.openFor(frame);
	}

	/** What to tell about the connection. */
	get link(): ConnectionStatus {
		const link = this.around?.link ?? "up";
		return link === "up" && !this.network ? "down" : link;
	}

	networked(there: boolean): void {
		this.network = there;
		this.changed();
	}

	/** The conversation that a message goes to now: the newest, unless it was closed. */
	get current(): string | null {
		const newest = threadsOf(this.chat).at(-1);
		const closed = newest?.log.entries.some((entry) => entry.kind === "closed");
		return newest && !closed ? newest.log.conversation : null;
	}

	write(text: string): void {
		this.feed({ type: "write", clientId: newClientId(), conversation: this.current, text });
	}

	retry(clientId: string): void {
		this.feed({ type: "retry", clientId });
	}

	discard(clientId: string): void {
		this.feed({ type: "discard", clientId });
	}

	typing(): void {
		const { current } = this;
		if (!current || !this.chat.connected || Date.now() - this.typedAt < TYPING_EVERY) return;
		this.typedAt = Date.now();
		this.host().frame(JSON.stringify({ type: "typing", conversation: current }));
	}

	/** Everything up to the end is on the screen. */
	seen(): void {
		for (const { log } of this.chat.threads.values())
			this.feed({ type: "read", conversation: log.conversation, seq: log.last });
	}

	end(): void {
		if (this.current) this.host().frame(JSON.stringify({ type: "end", conversation: this.current }));
	}

	minimise(): void {
		this.host().command({ do: "show", open: false, focus: true });
	}

	resume(): void {
		this.host().command({ do: "resume" });
	}

	private restore(kept: readonly Outgoing[]): void {
		const oldest = [...kept].sort((a, b) => a.at - b.at);
		for (const { clientId, conversation, text, at } of oldest)
			this.feed({ type: "write", clientId, conversation, text, at });
	}

	/** An agent's message opens the panel where there is room, unless the visitor closed it before. */
	private openFor(frame: ServerFrame): void {
		const { around } = this;
		const news = frame.type === "entry" || frame.type === "entries";
		if (!news || !around || around.open || around.wanted !== undefined || !unreadOf(this.chat)) return;
		// As in panel.css: below it the panel would cover the page.
		if (window.screen.width > 480) this.host().command({ do: "show", open: true, focus: false });
	}

	private feed(input: ChatInput): void {
		const before = this.chat;
		const { chat, frames } = stepChat(before, input, Date.now());
		this.chat = chat;
		this.keep(before.outbox.items, chat.outbox.items);
		for (const frame of frames) this.host().frame(JSON.stringify(frame));
		this.tellCursors();
		this.sleep();
		if (chat !== before || input.type === "frame") this.changed();
	}

	private keep(before: readonly Outgoing[], after: readonly Outgoing[]): void {
		const was = new Map(before.map((item) => [item.clientId, item]));
		for (const item of after) {
			const known = was.get(item.clientId);
			was.delete(item.clientId);
			if (known?.conversation === item.conversation) continue;
			if (!this.kept.keep(item.clientId, item))
				this.host().command({ do: "keep", clientId: item.clientId, item });
		}
		for (const clientId of was.keys()) {
			this.kept.keep(clientId);
			// It may be with the loader, from a time when nothing could be kept here.
			this.host().command({ do: "keep", clientId });
		}
	}

	private tellCursors(): void {
		const cursors = cursorsOf(this.chat);
		const told = JSON.stringify(cursors);
		if (told === this.cursors) return;
		this.cursors = told;
		this.host().command({ do: "cursors", cursors });
	}

	private sleep(): void {
		clearTimeout(this.timer);
		const ms = chatDue(this.chat) - Date.now();
		if (ms < Number.POSITIVE_INFINITY)
			this.timer = window.setTimeout(() => this.feed({ type: "tick" }), Math.max(0, ms));
	}
}

/** Random and of the UUID's shape; `randomUUID` is absent on pages without TLS. */
function newClientId(): string {
	const digits = [...crypto.getRandomValues(new Uint8Array(16))]
		.map((byte) => byte.toString(16).padStart(2, "0"))
		.join("");
	return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
