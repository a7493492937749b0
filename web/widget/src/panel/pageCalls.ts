/**
 * What the page does through `Palique`, and what it hears. Nothing of the page is trusted: values are cut here, and checked by the
 * server.
 */
import type { Events, Palique } from "@palique/loader";
import type { PageCalls, Widget } from "../loader/widget";
import { eraseVisitor } from "./erasure";

/** Listeners of one widget; further ones are ignored. */
const MAX_LISTENERS = 100;
/** Longest value of a profile and of a prefilled text. The server has stricter limits. */
const MAX_VALUE = 254;
const MAX_TEXT = 4_000;
const PROFILE_FIELDS = ["name", "email", "phone"] as const;
/** The server's limits of one frame of fields. */
const MAX_FIELDS = 20;
const MAX_FIELD = 200;
const FIELD_KEY = /^[\w.-]{1,40}$/;
/** Calls within this time are one frame: a page may call at each render (ms). */
const FIELDS_INTERVAL = 1_000;

/** Those of this widget, made at the first use. */
export function pageCallsOf(widget: Widget): PageCalls {
	widget.page ??= makePageCalls(widget);
	return widget.page;
}

function makePageCalls(widget: Widget): PageCalls {
	const { host, button, link, store } = widget;
	const listeners: { event: unknown; hear: (value: never) => void }[] = [];
	let hidden = !!host.hidden;
	let shown = widget.shown;
	let unread = 0;
	let prefill: string | undefined;
	/** Not sent yet. */
	let profile: Record<string, string> | undefined;
	/** By key, not sent yet; an empty value removes a field. */
	const fields = new Map<string, string>();
	let resting = false;
	/** Where the focus was before the panel of a hidden widget opened. */
	let opener: Element | null = null;

	function emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
		// Errors of the page stay its own.
		for (const { event, hear } of listeners) if (event === name) queueMicrotask(() => hear(value as never));
	}

	function heard(raw: string): void {
		if (!listeners.some(({ event }) => event === "message")) return;
		const { type, kind, author } = JSON.parse(raw);
		if (type === "ack") emit("message", { from: "visitor" });
		if (type === "entry" && kind === "message" && author && author.kind !== "visitor")
			emit("message", { from: author.kind });
	}

	function changed(): void {
		const turned = shown !== widget.shown;
		shown = widget.shown;
		if (turned && shown && hidden) opener = document.activeElement;
		host.hidden = hidden && !shown;
		if (turned && !shown && hidden) (opener as HTMLElement | null)?.focus?.();
		if (turned) emit("open", shown);
		if (profile && sent({ type: "profile", ...profile })) profile = undefined;
		sendFields();
	}

	function sent(frame: object): boolean {
		return widget.state === "up" && link.send(JSON.stringify(frame));
	}

	function sendFields(): void {
		if (resting || !fields.size) return;
		const all = [...fields].map(([key, value]) => ({ key, value }));
		if (!sent({ type: "fields", fields: all })) return;
		fields.clear();
		resting = true;
		setTimeout(() => {
			resting = false;
			sendFields();
		}, FIELDS_INTERVAL);
	}

	const calls: Partial<Record<string, (...values: never[]) => void>> = {
		show: () => hide(false),
		hide: () => hide(true),
		profile(values: Record<string, unknown> | null) {
			for (const field of PROFILE_FIELDS) {
				const value = values?.[field];
				if (typeof value === "string") profile = { ...profile, [field]: cut(value, MAX_VALUE) };
			}
			changed();
		},
		fields(values: Record<string, unknown> | null) {
			for (const [key, value] of Object.entries(values ?? {})) {
				const fits = FIELD_KEY.test(key) && (fields.size < MAX_FIELDS || fields.has(key));
				if (fits && (value === null || /^(string|number|boolean)$/.test(typeof value)))
					fields.set(key, fieldValue(value));
			}
			sendFields();
		},
		prefill(text: unknown) {
			if (typeof text === "string") prefill = cut(text, MAX_TEXT);
			widget.tell(false);
		},
		on(event: unknown, hear: unknown) {
			if (typeof hear !== "function" || listeners.length >= MAX_LISTENERS) return;
			listeners.push({ event, hear: hear as never });
			const now = { unread, open: shown }[event as string];
			// The present value, since the page may listen late.
			if (now !== undefined) queueMicrotask(() => hear(now as never));
		},
		reset,
	} satisfies Partial<Record<keyof Palique, unknown>>;

	function hide(wanted: boolean): void {
		hidden = wanted;
		if (hidden && widget.shown) widget.show(false, false);
		// The application shows no notices of a hidden widget.
		widget.tell(false);
	}

	function reset(): void {
		widget.show(false, false);
		eraseVisitor(store);
		startOver();
	}

	/** The socket reconnects without a token, and the server asks for a new session. */
	function startOver(): void {
		link.stop();
		profile = prefill = undefined;
		fields.clear();
		widget.cursors = undefined;
		widget.backlog = [];
		widget.session = { ...widget.session, token: "" };
		// The next page asks for consent again.
		if (widget.session.site.consent) host.remove();
		else link.start();
	}

	function observe(): void {
		const { post, tell } = widget;
		widget.post = (raw) => {
			post.call(widget, raw);
			heard(raw);
		};
		widget.tell = (focus) => {
			tell.call(widget, focus);
			changed();
		};
		changed();
	}

	observe();
	// The page opened it before this code could show it. From the button the focus moves to the panel once that is loaded.
	if (hidden && shown) {
		opener = document.activeElement;
		button.focus();
	}
	// Another tab forgot the visitor: now, or before this code was loaded.
	addEventListener("storage", ({ key, newValue }) => key === store.root && newValue === null && startOver());
	const known = store.token?.();
	if (known && known !== widget.session.token) startOver();

	return {
		call(name, values) {
			if (Object.hasOwn(calls, name)) calls[name]?.(...(values as never[]));
		},
		observe,
		count(now) {
			if (now !== unread) emit("unread", now);
			unread = now;
		},
		get hidden() {
			return hidden;
		},
		takePrefill() {
			const text = prefill;
			prefill = undefined;
			return text;
		},
	};
}

/** Without half characters, which the server refuses with the whole frame. */
function cut(text: string, length: number): string {
	return text.slice(0, length).replace(/\p{Cs}/gu, "");
}

/** One line. A cut text ends with "…". */
function fieldValue(value: unknown): string {
	const line = `${value ?? ""}`.replace(/[\s\p{Cc}]+/gu, " ").trim();
	return line.length > MAX_FIELD ? `${cut(line, MAX_FIELD - 1)}…` : cut(line, MAX_FIELD);
}
