/**
 * State of the application and all changes of it. Input: frames, messages of the loader, user actions. Output: frames and
 * commands. Calls `changed` after each.
 * Invariant: an unacknowledged message is in browser storage before it is sent, until the log has it.
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

/** Default of the protocol, until the `welcome`. */
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
	/** What the browser reports about the network; it may be wrong. */
	network = true;
	/** Number of times that the visitor opened the panel; each moves the focus. */
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

	/** The connection status to show. */
	get link(): ConnectionStatus {
		const link = this.around?.link ?? "up";
		return link === "up" && !this.network ? "down" : link;
	}

	networked(there: boolean): void {
		this.network = there;
		this.changed();
	}

	/** The conversation for new messages: the newest, unless it is closed. */
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

	/** Marks everything as read. */
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

	/** Opens the panel on an agent's message if there is room and the visitor has not closed it before. */
	private openFor(frame: ServerFrame): void {
		const { around } = this;
		const news = frame.type === "entry" || frame.type === "entries";
		if (!news || !around || around.open || around.wanted !== undefined || !unreadOf(this.chat)) return;
		// Same width as in panel.css: on smaller screens the panel covers the page.
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
			// The loader may have it from a time when this frame could store nothing.
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

/** Random UUID; `randomUUID` is missing on pages without TLS. */
function newClientId(): string {
	const digits = [...crypto.getRandomValues(new Uint8Array(16))]
		.map((byte) => byte.toString(16).padStart(2, "0"))
		.join("");
	return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
