import "./Shell.css";
import { useEffect, useState } from "preact/hooks";
import type { Me } from "../api/shapes";
import { Dock } from "../dock/Dock";
import { OpenChats } from "../dock/OpenChats";
import { LogPage } from "../logs/LogPage";
import { LogsPage } from "../logs/LogsPage";
import { Keyboard } from "../palette/Keyboard";
import { EmptyState } from "../parts/EmptyState";
import { lazy } from "../parts/lazy";
import { Toasts } from "../parts/Toasts";
import { Link } from "../routing/Link";
import type { Route } from "../routing/route";
import { useRouteFocus } from "../routing/useRouteFocus";
import { useStores } from "../StoresContext";
import { SettingsPage } from "../settings/SettingsPage";
import { useText } from "../texts/useText";
import { TicketPage } from "../tickets/TicketPage";
import { TicketsPage } from "../tickets/TicketsPage";
import { VisitorDialog } from "../visitors/dialog/VisitorDialog";
import { VisitorsPage } from "../visitors/list/VisitorsPage";
import { useNarrow } from "../windows/useNarrow";
import { ChatOffPage } from "./ChatOffPage";
import { ConnectionBanner } from "./ConnectionBanner";
import { MasterButton } from "./MasterButton";
import { OutageBanner } from "./OutageBanner";
import { PhoneBar } from "./PhoneBar";
import { SidePanel } from "./SidePanel";
import { WaitingNotice } from "./WaitingNotice";

const FirstSteps = lazy(async () => (await import("../firstrun/FirstSteps")).FirstSteps);

/** Frame of every page: side panel, page and dock, so that chats are reachable from everywhere (S-02). */
export function Shell({ me }: { me: Me }) {
	const { router, windows } = useStores();
	const t = useText();
	const narrow = useNarrow();
	const route = router.route.value;
	const [drawer, setDrawer] = useDrawer(route);
	useTitle(route);
	useRouteFocus();
	const news = <News />;
	return (
		<div class={drawer ? "shell shell-drawer" : "shell"}>
			<a class="skip" href="#main">
				{t("skip")}
			</a>
			<PhoneBar open={drawer} toggle={() => setDrawer(!drawer)}>
				{narrow ? news : null}
			</PhoneBar>
			<SidePanel me={me} place={route}>
				{narrow ? null : news}
			</SidePanel>
			<button
				type="button"
				class="shell-veil"
				aria-label={t("close_menu")}
				onClick={() => setDrawer(false)}
			/>
			<main id="main" class="shell-main" tabIndex={-1} inert={!windows.screenLayout.value.pageShown}>
				<ConnectionBanner />
				<OutageBanner />
				<Page route={route} me={me} />
			</main>
			<OpenChats />
			<MasterButton />
			<Dock />
			<Keyboard />
			{route.visitor ? <VisitorDialog key={route.visitor} visitor={route.visitor} /> : null}
		</div>
	);
}

function News() {
	return (
		<>
			<Toasts />
			<WaitingNotice />
		</>
	);
}

/** Whether the side panel is open on a phone. A page or dialog that appears closes it. */
function useDrawer(route: Route) {
	const { keyboard } = useStores();
	const dialog = keyboard.dialog.value;
	const [open, setOpen] = useState(false);
	useEffect(() => setOpen(false), [route, dialog]);
	return [open, setOpen] as const;
}

function Page({ route, me }: { route: Route; me: Me }) {
	const { firstSteps, site } = useStores();
	const t = useText();
	switch (route.page) {
		case "visitors":
			return site.site.value?.enabled === false ? (
				<ChatOffPage me={me} />
			) : (
				<VisitorsPage start={firstSteps.open.value} />
			);
		case "start":
			return (
				<>
					<header class="page-head">
						<h1>{t("start_title")}</h1>
					</header>
					<FirstSteps me={me} />
				</>
			);
		case "logs":
			return <LogsPage />;
		case "log":
			return <LogPage key={`${route.id} ${route.at}`} id={route.id} at={route.at} />;
		case "tickets":
			return <TicketsPage />;
		case "ticket":
			return <TicketPage key={route.id} id={route.id} />;
		case "settings":
			return <SettingsPage part={route.part} me={me} />;
		case "missing":
			return <MissingPage />;
	}
}

function MissingPage() {
	const t = useText();
	return (
		<>
			<h1 class="visually-hidden">Palique</h1>
			<EmptyState icon="search" title={t("page_missing")}>
				<p>{t("page_missing_lead")}</p>
				<Link to={{ page: "visitors" }}>{t("visitors_title")}</Link>
			</EmptyState>
		</>
	);
}

const TITLES = {
	visitors: "visitors_title",
	start: "start_title",
	logs: "logs_title",
	log: "log_title",
	tickets: "tickets_title",
	ticket: "ticket_title",
	settings: "settings_title",
	missing: "page_missing",
} as const;

/** Shows the number of waiting chats and unread messages in the tab's title. */
function useTitle(route: Route): void {
	const { conversations } = useStores();
	const t = useText();
	const calls = conversations.waitingCount.value + conversations.unread.value;
	const page = t(TITLES[route.page]);
	useEffect(() => {
		document.title = `${calls > 0 ? `(${calls}) ` : ""}${page} · Palique`;
	}, [calls, page]);
}
