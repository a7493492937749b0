/**
 * What the page does through `Palique`. Nothing of the page is trusted: values are cut here, and checked by the server.
 */
import type { Palique } from "@palique/loader";
import type { PageCalls, Widget } from "../loader/widget";
import { endToken, eraseVisitor } from "./erasure";
import { type Listeners, makeListeners } from "./listeners";
import { makeVisibility, type Visibility } from "./visibility";
import { cut, makeFields, makeProfile, type VisitorDetails } from "./visitorDetails";

/** Longest prefilled text. The server has a stricter limit. */
const MAX_TEXT = 4_000;

/** What the calls of one page change. */
interface Target {
	readonly widget: Widget;
	readonly visibility: Visibility;
	readonly listeners: Listeners;
	readonly profile: VisitorDetails;
	readonly fields: VisitorDetails;
	/** Not in the message field yet. */
	prefill?: string | undefined;
}

/** Those of this widget, made at the first use. */
export function pageCallsOf(widget: Widget): PageCalls {
	widget.page ??= makePageCalls(widget);
	return widget.page;
}

function makePageCalls(widget: Widget): PageCalls {
	const send = (frame: object) => widget.state === "up" && widget.link.send(JSON.stringify(frame));
	const target: Target = {
		widget,
		visibility: makeVisibility(widget),
		listeners: makeListeners(widget.shown),
		profile: makeProfile(send),
		fields: makeFields(send),
	};
	const calls = callsOn(target);
	observe(target);
	followOtherTabs(target);
	return {
		call(name, values) {
			if (Object.hasOwn(calls, name)) calls[name]?.(...(values as never[]));
		},
		observe: () => observe(target),
		count: (unread) => target.listeners.set("unread", unread),
		get hidden() {
			return target.visibility.hidden;
		},
		takePrefill() {
			const text = target.prefill;
			target.prefill = undefined;
			return text;
		},
	};
}

function callsOn(target: Target): Partial<Record<string, (...values: never[]) => void>> {
	const { widget, visibility, listeners, profile, fields } = target;
	return {
		show: () => visibility.hide(false),
		hide: () => visibility.hide(true),
		profile(values: Record<string, unknown> | null) {
			profile.add(values);
			profile.flush();
		},
		fields(values: Record<string, unknown> | null) {
			fields.add(values);
			fields.flush();
		},
		prefill(text: unknown) {
			if (typeof text === "string") target.prefill = cut(text, MAX_TEXT);
			widget.tell(false);
		},
		on: listeners.add,
		reset() {
			widget.show(false, false);
			endToken(widget);
			eraseVisitor(widget.store);
			startOver(target);
		},
	} satisfies Partial<Record<keyof Palique, unknown>>;
}

/** Attaches itself to the widget's methods. */
function observe(target: Target): void {
	const { widget, listeners } = target;
	const { post, tell } = widget;
	widget.post = (raw) => {
		post.call(widget, raw);
		listeners.frame(raw);
	};
	widget.tell = (focus) => {
		tell.call(widget, focus);
		onChange(target);
	};
	onChange(target);
}

/** The widget's state changed: its panel or its connection. */
function onChange({ widget, visibility, listeners, profile, fields }: Target): void {
	visibility.update();
	listeners.set("open", widget.shown);
	profile.flush();
	fields.flush();
}

/** Another tab forgot the visitor: now, or before this code was loaded. */
function followOtherTabs(target: Target): void {
	const { store, session } = target.widget;
	addEventListener("storage", ({ key, newValue }) => {
		if (key === store.root && newValue === null) startOver(target);
	});
	const known = store.token?.();
	if (known && known !== session.token) startOver(target);
}

/** For a new visitor: the socket reconnects without a token, and the server asks for a new session. */
function startOver(target: Target): void {
	const { host, link, session } = target.widget;
	link.stop();
	target.prefill = undefined;
	target.profile.clear();
	target.fields.clear();
	target.widget.cursors = undefined;
	target.widget.backlog = [];
	target.widget.session = { ...session, token: "" };
	// The next page asks for consent again.
	if (session.site.consent) host.remove();
	else link.start();
}
