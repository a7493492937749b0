/**
 * The loader's end of the bridge to the application. Both ends check source and origin of each message and post only to the
 * other's origin, so that no other page can read or send messages.
 */
import type { Commands, HostState, MessageToApp, MessageToLoader, SiteSettings } from "../bridge";
import type { Widget } from "../loader/widget";
import { followHostPage } from "./hostPage";
import { makeOutboxStorage } from "./outboxStorage";
import { pageCallsOf } from "./pageCalls";
import { showTitleNotice } from "./pageTitle";
import { addSheet } from "./styleSheets";

type Post = (message: MessageToApp) => void;
type OutboxStorage = ReturnType<typeof makeOutboxStorage>;
type CommandHandlers = { [Do in keyof Commands]: (command: Commands[Do]) => void };

export function connectApp(widget: Widget): void {
	const { host, frame: panel, gateway, store, link } = widget;
	/** The gateway's address may have a path. */
	const app = new URL(gateway).origin;
	const on = commandHandlers(widget, makeOutboxStorage(store), (message) =>
		panel.contentWindow?.postMessage(message, app),
	);

	function onMessage({ source, origin, data }: MessageEvent<MessageToLoader>): void {
		if (!source || source !== panel.contentWindow || origin !== app) return;
		if (typeof data === "string") link.send(data);
		else on[data.do](data as never);
	}

	addEventListener("message", onMessage);
	followHostPage(host, () => widget.shown && widget.show(false, true));
}

function commandHandlers(widget: Widget, outbox: OutboxStorage, post: Post): CommandHandlers {
	const { host, root, button, link } = widget;
	const added = addSheet(root, "");
	const page = pageCallsOf(widget);
	let ready = false;
	return {
		ready() {
			// A restarted application needs a new `welcome`.
			if (ready) {
				widget.cursors = undefined;
				link.stop();
				link.start();
			}
			ready = true;
			takeOver(widget, outbox, post);
		},
		cursors({ cursors }) {
			// Some old libraries give all arrays a `toJSON`, which makes them texts.
			widget.cursors = Object.assign(cursors, { toJSON: undefined });
		},
		keep: ({ clientId, item }) => outbox.save(clientId, item),
		look({ css, label, badge, notice = "", unread }) {
			added.replaceSync(css);
			button.ariaLabel = label;
			button.dataset.badge = badge;
			showTitleNotice(notice);
			if (unread !== undefined) page.count(unread);
		},
		show({ open, focus }) {
			widget.show(open, focus);
			// The visitor has read why.
			if (widget.off && !open) host.remove();
		},
		resume: link.start,
	};
}

/** From now on frames and states go to the application, first the state and what waited for it. */
function takeOver(widget: Widget, outbox: OutboxStorage, post: Post): void {
	widget.post = post;
	widget.tell = (focus) => post(hostStateOf(widget, outbox, focus));
	pageCallsOf(widget).observe();
	// The focus may still be on the button that opened the panel.
	widget.tell(document.activeElement === widget.host);
	widget.backlog.map(post);
	widget.backlog = [];
}

function hostStateOf(widget: Widget, outbox: OutboxStorage, focus: boolean): HostState {
	const { state, off, shown: open, store } = widget;
	const { site, visitor } = widget.session;
	const page = pageCallsOf(widget);
	return {
		site: placed(site, widget.tag?.position),
		link: state,
		off,
		kept: outbox.all(),
		open,
		focus,
		hidden: page.hidden,
		visitor,
		prefill: page.takePrefill(),
		wanted: store.wasOpen(),
	};
}

/** The tag's position goes before the site's. */
function placed(site: SiteSettings, position: string | undefined): SiteSettings {
	return position === "left" || position === "right" ? { ...site, position } : site;
}
