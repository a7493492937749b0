import "./SidePanel.css";
import { Icon, type IconName } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Me } from "../api/shapes";
import { ShortcutKeys } from "../keyboard/Kbd";
import { Brand } from "../parts/Brand";
import { Link } from "../routing/Link";
import type { Place } from "../routing/route";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { AgentMenu } from "./AgentMenu";

interface Props {
	me: Me;
	place: Place;
	/** Shown above the agent's menu. */
	children: ComponentChildren;
}

/** Side panel (S-01, S-09). */
export function SidePanel({ me, place, children }: Props) {
	const t = useText();
	return (
		<aside class="panel" aria-label={t("panel")}>
			<Brand class="panel-brand" size={17} />
			<PaletteButton />
			<nav class="panel-nav" aria-label={t("navigation")}>
				<FirstStepsEntry place={place} />
				<ChatEntries place={place} />
				<SwitchedOff me={me} />
				<ul>
					<Entry
						to={{ page: "tickets" }}
						icon="ticket"
						current={place.page === "tickets" || place.page === "ticket"}
						text={t("tickets_title")}
					/>
					<Entry
						to={{ page: "settings", part: me.role === "administrator" ? "site" : "profile" }}
						icon="settings"
						current={place.page === "settings"}
						text={t("settings_title")}
					/>
				</ul>
			</nav>
			{children}
			<AgentMenu me={me} />
		</aside>
	);
}

/** Visitors and logs, below a heading that folds them. */
function ChatEntries({ place }: { place: Place }) {
	const t = useText();
	const [open, setOpen] = useState(true);
	return (
		<>
			<button type="button" class="panel-group" aria-expanded={open} onClick={() => setOpen(!open)}>
				<Icon name="chat" size={17} />
				<span>{t("menu_chat")}</span>
				<Icon name={open ? "down" : "right"} size={15} />
			</button>
			{open ? (
				<ul class="panel-entries">
					<Entry
						to={{ page: "visitors" }}
						icon="people"
						current={place.page === "visitors"}
						text={t("visitors_title")}
					>
						<OnlineNumber />
					</Entry>
					<Entry
						to={{ page: "logs" }}
						icon="log"
						current={place.page === "logs" || place.page === "log"}
						text={t("logs_title")}
					/>
				</ul>
			) : null}
		</>
	);
}

function PaletteButton() {
	const { keyboard } = useStores();
	const t = useText();
	return (
		<button
			type="button"
			class="panel-palette"
			title={t("palette_hint")}
			aria-haspopup="dialog"
			aria-keyshortcuts={keyboard.aria("palette")}
			onClick={() => keyboard.open("palette")}
		>
			<Icon name="search" size={16} />
			<span>{t("palette_button")}</span>
			<ShortcutKeys name="palette" />
		</button>
	);
}

interface EntryProps {
	to: Place;
	icon: IconName;
	text: string;
	current: boolean;
	children?: ComponentChildren;
}

function Entry({ to, icon, text, current, children }: EntryProps) {
	return (
		<li>
			<Link to={to} class="panel-entry" current={current}>
				<Icon name={icon} size={17} />
				<span class="cut" dir="auto">
					{text}
				</span>
				{children}
			</Link>
		</li>
	);
}

/** For administrators, until the first steps are done or hidden. */
function FirstStepsEntry({ place }: { place: Place }) {
	const { firstSteps } = useStores();
	const t = useText();
	if (!firstSteps.open.value) return null;
	return (
		<ul>
			<Entry to={{ page: "start" }} icon="flag" current={place.page === "start"} text={t("start_title")} />
		</ul>
	);
}

/** Shown while live chat is off, with the way to turn it on (S-03). */
function SwitchedOff({ me }: { me: Me }) {
	const { site } = useStores();
	const t = useText();
	if (site.site.value?.enabled !== false) return null;
	return (
		<div class="panel-off" role="status" data-testid="chat-disabled">
			<p>{t("chat_off")}</p>
			{me.role === "administrator" ? (
				<Link to={{ page: "settings", part: "site" }}>{t("chat_off_enable")}</Link>
			) : (
				<p>{t("chat_off_ask")}</p>
			)}
		</div>
	);
}

/** Number of visitors online, live (S-11). */
function OnlineNumber() {
	const { visitors } = useStores();
	const t = useText();
	const online = visitors.online.value;
	if (online === null) return null;
	return (
		<span class="badge" data-testid="online-number" title={t.count("visitors_online", online)}>
			{online.toLocaleString(t.language)}
		</span>
	);
}
