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

export function connectApp(widget: Widget): void {
	const { host, root, button, frame: panel, gateway, store, link } = widget;
	const added = addSheet(root, "");
	const outbox = makeOutboxStorage(store);
	const page = pageCallsOf(widget);
	/** The gateway's address may have a path. */
	const app = new URL(gateway).origin;
	let ready = false;

	function surroundings(focus: boolean): HostState {
		const { state, off, shown: open } = widget;
		const { site, visitor } = widget.session;
		const { hidden } = page;
		return {
			site: placed(site, widget.tag?.position),
			link: state,
			off,
			kept: outbox.all(),
			open,
			focus,
			hidden,
			visitor,
			prefill: page.takePrefill(),
			wanted: store.wasOpen(),
		};
	}

	const post = (message: MessageToApp) => panel.contentWindow?.postMessage(message, app);

	function takeOver(): void {
		widget.post = post;
		widget.tell = (focus) => post(surroundings(focus));
		page.observe();
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

	function onMessage({ source, origin, data }: MessageEvent<MessageToLoader>): void {
		if (!source || source !== panel.contentWindow || origin !== app) return;
		if (typeof data === "string") link.send(data);
		else on[data.do](data as never);
	}

	addEventListener("message", onMessage);
	followHostPage(host, () => widget.shown && widget.show(false, true));
}

/** The tag's position goes before the site's. */
function placed(site: SiteSettings, position: string | undefined): SiteSettings {
	return position === "left" || position === "right" ? { ...site, position } : site;
}
