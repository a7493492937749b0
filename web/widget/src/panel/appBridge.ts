/**
 * The loader's end of the bridge to the application. Both ends check source and origin of each message and post only to the
 * other's origin, so that no other page can read or send messages.
 */
import type { Commands, HostState, MessageToApp, MessageToLoader } from "../bridge";
import type { Widget } from "../loader/widget";
import { followHostPage } from "./hostPage";
import { makeOutboxStorage } from "./outboxStorage";
import { showTitleNotice } from "./pageTitle";
import { addSheet } from "./styleSheets";

export function connectApp(widget: Widget): void {
	const { host, root, button, frame: panel, gateway, store, link } = widget;
	const added = addSheet(root, "");
	const outbox = makeOutboxStorage(store);
	/** The gateway's address may have a path. */
	const app = new URL(gateway).origin;
	let ready = false;

	function surroundings(focus: boolean): HostState {
		const { state, off, shown: open } = widget;
		const { site } = widget.session;
		return { site, link: state, off, kept: outbox.all(), open, focus, wanted: store.wasOpen() };
	}

	const post = (message: MessageToApp) => panel.contentWindow?.postMessage(message, app);

	function takeOver(): void {
		widget.post = post;
		widget.tell = (focus) => post(surroundings(focus));
		ready = true;
	}

	const on: { [Do in keyof Commands]: (command: Commands[Do]) => void } = {
		ready() {
			// A restarted application needs a new `welcome`.
			if (ready) {
				widget.cursors = undefined;
				link.stop();
				link.start();
			}
			takeOver();
			// The focus may still be on the button that opened the panel.
			widget.tell(document.activeElement === host);
			widget.backlog.map(post);
			widget.backlog = [];
		},
		cursors({ cursors }) {
			// Some old libraries give all arrays a `toJSON`, which makes them texts.
			widget.cursors = Object.assign(cursors, { toJSON: undefined });
		},
		keep: ({ clientId, item }) => outbox.save(clientId, item),
		look({ css, label, badge, notice = "" }) {
			added.replaceSync(css);
			button.ariaLabel = label;
			button.dataset.badge = badge;
			showTitleNotice(notice);
		},
		show({ open, focus }) {
			widget.show(open, focus);
			// The visitor has read why.
			if (widget.off && !open) host.remove();
		},
		resume: link.start,
	};

	function onMessage({ source, origin, data }: MessageEvent<MessageToLoader>): void {
		if (!source || source !== panel.contentWindow || origin !== app) return;
		if (typeof data === "string") link.send(data);
		else on[data.do](data as never);
	}

	addEventListener("message", onMessage);
	followHostPage(host, () => widget.shown && widget.show(false, true));
}
