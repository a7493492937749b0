/**
 * The loader's side of the bridge to the application, loaded with it. Both ends check who speaks, and name whom they mean: a page
 * that holds or is held by ours learns nothing, and is not heard.
 */
import type { Commands, HostState, MessageToApp, MessageToLoader } from "../bridge";
import type { Widget } from "../loader/widget";
import { followHostPage } from "./hostPage";
import { makeOutboxStorage } from "./outboxStorage";
import { addSheet } from "./styleSheets";

export function connectApp(widget: Widget): void {
	const { host, root, button, frame: panel, gateway, store, link } = widget;
	const added = addSheet(root, "");
	const kept = makeOutboxStorage(store);
	let ready = false;

	function surroundings(focus: boolean): HostState {
		const { state, shown: open } = widget;
		const { site } = widget.session;
		return { site, link: state, kept: kept.all(), open, focus, wanted: store.wasOpen() };
	}

	const post = (message: MessageToApp) => panel.contentWindow?.postMessage(message, gateway);

	function takeOver(): void {
		widget.post = post;
		widget.tell = (focus) => post(surroundings(focus));
		ready = true;
	}

	const on: { [Do in keyof Commands]: (command: Commands[Do]) => void } = {
		ready() {
			// An application that starts again knows nothing: only a new welcome tells it all.
			if (ready) {
				widget.cursors = [];
				link.stop();
				link.start();
			}
			takeOver();
			// The person who opened the panel may still wait in it.
			widget.tell(document.activeElement === host);
			widget.backlog.map(post);
			widget.backlog = [];
		},
		cursors({ cursors }) {
			widget.cursors = cursors;
		},
		keep: ({ clientId, item }) => kept.keep(clientId, item),
		look({ css, label, badge }) {
			added.replaceSync(css);
			button.ariaLabel = label;
			button.dataset.badge = badge;
		},
		show: ({ open, focus }) => widget.show(open, focus),
		resume: link.start,
	};

	function hear({ source, origin, data }: MessageEvent<MessageToLoader>): void {
		if (!source || source !== panel.contentWindow || origin !== gateway) return;
		if (typeof data === "string") link.send(data);
		else on[data.do](data as never);
	}

	addEventListener("message", hear);
	followHostPage(host, () => widget.shown && widget.show(false, true));
}
