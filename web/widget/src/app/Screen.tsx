import type { Entry } from "@palique/client";
import { render } from "preact";
import type { Commands, HostState } from "../bridge";
import type { ChatStore } from "./ChatStore";
import { coloursOf } from "./colours";
import type { T } from "./language";
import { launcherLook, previewStyle } from "./launcherLook";
import type { Loader } from "./loaderBridge";
import type { NoticeStore } from "./NoticeStore";
import { Panel } from "./Panel";
import { Preview } from "./Preview";
import { unreadOf } from "./rows";

/** Draws the stores: panel and preview here, and the look of the loader's button. */
export class Screen {
	private readonly colours = new CSSStyleSheet();
	private painted: HostState["site"]["colours"] | undefined;
	private lastLook = "";
	private previewHeight = 0;
	private drawing = false;

	constructor(
		private readonly view: Window,
		private readonly store: ChatStore,
		private readonly notices: NoticeStore,
		private readonly host: Loader,
		private readonly t: T,
	) {
		view.document.adoptedStyleSheets = [this.colours];
	}

	/** Once for all changes of a moment. A timer, because hidden pages get no animation frames and the badge must be right there too. */
	drawSoon(): void {
		if (!this.drawing) this.view.setTimeout(() => this.draw());
		this.drawing = true;
	}

	private draw(): void {
		this.drawing = false;
		const { hostState } = this.store;
		if (!hostState) return;
		this.paint(hostState.site);
		const unseen = this.unseenMessage(hostState);
		const preview = hostState.open ? null : unseen;
		if (unseen) this.notices.ring(unseen);
		this.sendLook(hostState, unseen, preview);
		this.render(hostState, preview);
	}

	private paint(site: HostState["site"]): void {
		if (this.painted !== site.colours) this.colours.replaceSync(coloursOf(site));
		this.painted = site.colours;
	}

	/** The message that notices are about, if the visitor does not see it. */
	private unseenMessage({ open, hidden }: HostState): Entry | null {
		const seen = open && this.view.document.visibilityState === "visible";
		return seen || (hidden && !open) ? null : this.notices.newest(this.store.chat);
	}

	private sendLook({ open, site }: HostState, unseen: Entry | null, preview: Entry | null): void {
		const unread = unreadOf(this.store.chat).length;
		const look: Commands["look"] = launcherLook(open, unread, this.t);
		if (preview && this.previewHeight) look.css += previewStyle(this.previewHeight, site.position);
		look.notice = unseen ? this.t.count("page_title_unread", unread) : "";
		const json = JSON.stringify(look);
		if (json !== this.lastLook) this.host.command({ do: "look", ...look });
		this.lastLook = json;
	}

	private render({ open, site }: HostState, preview: Entry | null): void {
		const { store, notices, t } = this;
		render(
			<>
				<Panel store={store} notices={notices} open={open} t={t} />
				<Preview
					entry={preview}
					title={site.texts?.[t.texts]?.title || site.name || t("title")}
					onOpen={() => store.open()}
					onDismiss={() => preview && notices.dismiss(preview)}
					onSize={(height) => this.resizePreview(height)}
					t={t}
				/>
			</>,
			this.view.document.body,
		);
	}

	private resizePreview(height: number): void {
		this.previewHeight = height;
		this.drawSoon();
	}
}
