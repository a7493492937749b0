/**
 * Notifies the agent by sound, desktop notification and a number on the tab's icon, as chosen in this browser. Only one tab does
 * it.
 */

import { uptime } from "@palique/client";
import type { Tone } from "@palique/ui/Tone";
import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { BrowserStorage } from "../browserStorage";
import type { ChatSummary } from "../chats/chatSummary";
import type { T } from "../texts/LanguageStore";
import { faviconWith } from "./favicon";
import { type Action, NO_NOTICES, type NoticeReason, noticesDue, step } from "./noticeState";

interface Choices {
	readonly sound: boolean;
	readonly desktop: boolean;
}

/** Inputs of the store, read inside an effect. */
interface Sources {
	chats: () => readonly ChatSummary[];
	available: () => boolean;
	nameOf: (visitor: { id: string; name: string }) => string;
	t: () => T;
	/** Called when a notification is clicked. */
	open: (conversation: string) => void;
}

// Sound is on at first, so that a new agent hears waiting chats. Notifications need the browser's permission.
const DEFAULT: Choices = { sound: true, desktop: false };

declare module "../StoresContext" {
	interface Stores {
		notices: NoticesStore;
	}
}

export class NoticesStore {
	readonly #storage: BrowserStorage;
	readonly #view: Window;
	readonly #tone: Tone;
	readonly #choices = signal<Choices>(DEFAULT);
	readonly #focused = signal(false);
	readonly #shown = new Map<string, Notification>();
	#notices = NO_NOTICES;
	#agent: string | null = null;
	#isLeader = false;
	#release = () => {};
	#lockRequest = new AbortController();
	#timer = 0;
	#sources: Sources | null = null;

	constructor(storage: BrowserStorage, view: Window, tone: Tone) {
		this.#storage = storage;
		this.#view = view;
		this.#tone = tone;
	}

	get choices(): ReadonlySignal<Choices> {
		return this.#choices;
	}

	/** `null` if this browser does not support notifications here. */
	get permission(): NotificationPermission | null {
		return "Notification" in this.#view ? Notification.permission : null;
	}

	/** Call once. */
	follow(sources: Sources): void {
		this.#sources = sources;
		const look = () => {
			const { document } = this.#view;
			this.#focused.value = document.visibilityState === "visible" && document.hasFocus();
		};
		look();
		for (const event of ["focus", "blur"] as const) this.#view.addEventListener(event, look);
		this.#view.document.addEventListener("visibilitychange", look);
		effect(() => {
			const reasons = noticeReasons(sources.chats(), sources.nameOf);
			const available = sources.available();
			const focused = this.#focused.value;
			untracked(() => {
				if (focused && this.#agent && !this.#isLeader) this.#elect(this.#agent, true);
				this.#update(reasons, available, focused);
			});
		});
	}

	load(agent: string): void {
		this.#agent = agent;
		this.#choices.value = { ...DEFAULT, ...this.#storage.read<Choices>(`notices.${agent}`) };
		this.#elect(agent, this.#focused.peek());
	}

	unload(): void {
		this.#agent = null;
		this.#release();
		this.#lockRequest.abort();
		this.#isLeader = false;
		this.#notices = NO_NOTICES;
		for (const conversation of [...this.#shown.keys()]) this.#hide(conversation);
	}

	chooseSound(sound: boolean): void {
		this.#choose({ sound });
		if (sound) this.#tone.play();
	}

	/** Requests the permission if needed; resolves to false when it is denied. */
	async chooseDesktop(desktop: boolean): Promise<boolean> {
		if (desktop && this.permission === "default") await Notification.requestPermission();
		const granted = this.permission === "granted";
		this.#choose({ desktop: desktop && granted });
		return !desktop || granted;
	}

	#choose(part: Partial<Choices>): void {
		this.#choices.value = { ...this.#choices.peek(), ...part };
		if (this.#agent) this.#storage.write(`notices.${this.#agent}`, this.#choices.peek());
	}

	/**
	 * Elects the tab that notifies: the last focused one; when it closes, another one. Without Web Locks (plain HTTP) every tab
	 * notifies.
	 */
	#elect(agent: string, steal: boolean): void {
		const { locks } = this.#view.navigator;
		this.#isLeader = !locks;
		this.#lockRequest.abort();
		const request = new AbortController();
		this.#lockRequest = request;
		const hold = () => {
			this.#isLeader = true;
			return new Promise<void>((resolve) => {
				this.#release = resolve;
			});
		};
		locks
			?.request(`palique.notices.${agent}`, steal ? { steal } : { signal: request.signal }, hold)
			.catch(() => {
				// Another tab took the lock; wait for it again.
				if (request === this.#lockRequest && this.#agent === agent) this.#elect(agent, false);
			});
	}

	#update(reasons: readonly NoticeReason[], available: boolean, focused: boolean): void {
		const { notices, actions } = step(this.#notices, { reasons, available, focused }, uptime());
		this.#notices = notices;
		for (const action of actions) this.#act(action);
		this.#showNumber(reasons.reduce((sum, reason) => sum + (reason.waits ? 1 : reason.unread), 0));
		this.#view.clearTimeout(this.#timer);
		const due = noticesDue(notices);
		if (due !== null)
			this.#timer = this.#view.setTimeout(
				() => this.#update(reasons, available, this.#focused.peek()),
				Math.max(0, due - uptime()),
			);
	}

	#act(action: Action): void {
		const choices = this.#choices.peek();
		if (action.kind === "hide") this.#hide(action.conversation);
		else if (!this.#isLeader) return;
		else if (action.kind === "ring" && choices.sound) this.#tone.play();
		else if (action.kind === "show" && choices.desktop) this.#show(action.reason);
	}

	#show({ conversation, name, waits }: NoticeReason): void {
		if (this.permission !== "granted" || !this.#sources) return;
		const t = this.#sources.t();
		const title = t(waits ? "notice_waits" : "notice_wrote", { name });
		// The tag replaces an earlier notification of this chat, also from another tab. The message itself is not shown.
		const shown = new Notification(title, {
			body: t(waits ? "notice_waits_lead" : "notice_wrote_lead"),
			tag: conversation,
			requireInteraction: waits,
			silent: true,
		});
		shown.onclick = () => {
			this.#view.focus();
			this.#sources?.open(conversation);
			shown.close();
		};
		this.#shown.set(conversation, shown);
	}

	#hide(conversation: string): void {
		this.#shown.get(conversation)?.close();
		this.#shown.delete(conversation);
	}

	#showNumber(count: number): void {
		const icon = this.#view.document.querySelector<HTMLLinkElement>("link[rel=icon]");
		const address = faviconWith(count);
		if (icon && icon.href !== address) icon.href = address;
	}
}

function noticeReasons(chats: readonly ChatSummary[], nameOf: Sources["nameOf"]): NoticeReason[] {
	return chats
		.filter((chat) => chat.status === "waiting" || (chat.status === "active" && chat.mine && chat.unread > 0))
		.map((chat) => ({
			conversation: chat.conversation,
			name: nameOf(chat.visitor),
			waits: chat.status === "waiting",
			unread: chat.unread,
		}));
}
