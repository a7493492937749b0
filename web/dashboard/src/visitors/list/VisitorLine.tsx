import type { VisitorRow } from "@palique/client";
import { dateAndTime } from "@palique/ui/time";
import { WebLink } from "@palique/ui/WebLink";
import { useChatActions } from "../../chats/useChatActions";
import { IconButton } from "../../parts/Button";
import { Elapsed } from "../../parts/Elapsed";
import { Link } from "../../routing/Link";
import type { Route } from "../../routing/route";
import { useStores } from "../../StoresContext";
import { place } from "../../texts/geoPlace";
import { deviceText, isKnown, personName } from "../../texts/labels";
import { pageName, shortAddress } from "../../texts/pageName";
import { useText } from "../../texts/useText";
import { StateIcon } from "./StateIcon";
import { WaitingLine } from "./WaitingLine";

interface Props {
	/** Missing until the row is loaded. */
	row: VisitorRow | undefined;
	/** True for a visitor that left while the order was frozen. */
	gone: boolean;
	index: number;
}

/** Row of one visitor (S-15 … S-22). */
export function VisitorLine({ row, gone, index }: Props) {
	const { router } = useStores();
	const t = useText();
	if (!row) return <LoadingRow />;
	const { visitor } = row;
	const from = place(t, row.region, row.country);
	const route = { ...router.route.value, visitor };
	const waits = row.state === "waiting";
	return (
		<tr
			class={`vline ${gone ? "vline-gone" : ""} ${waits ? "vline-waits" : ""}`}
			aria-rowindex={index}
			data-visitor={visitor}
			onClick={() => router.go(route)}
		>
			<NameCell row={row} route={route} />
			<td class="vcell-from cut" title={from}>
				{from}
			</td>
			<PageCells page={row.page} />
			<CountCell class="vcell-visits" label={t("column_visits")} count={row.visits} />
			<CountCell class="vcell-chats" label={t("column_chats")} count={row.chats} />
			<td class="vnumber vcell-since">
				<Elapsed since={row.since} />
			</td>
			<ChatCell row={row} />
		</tr>
	);
}

function NameCell({ row, route }: { row: VisitorRow; route: Route }) {
	const t = useText();
	const name = personName(t, row.name);
	const computer = (
		<span class="cut muted small">
			{[row.browser, row.os].filter(isKnown).join(" · ") || deviceText(t, row.device)}
		</span>
	);
	return (
		<td class="vcell-name">
			<span class="vwho">
				<StateIcon state={row.state} />
				<span class="vtwo">
					<Link to={route} class="vname cut" dir="auto" title={name}>
						{name}
					</Link>
					{row.state === "waiting" ? <WaitingLine visitor={row.visitor}>{computer}</WaitingLine> : computer}
				</span>
			</span>
		</td>
	);
}

/** The page, and how long the visitor has been on it. */
function PageCells({ page }: Pick<VisitorRow, "page">) {
	const t = useText();
	return (
		<>
			<td class="vcell-page">
				<span class="vtwo">
					<WebLink address={page.url} class="vpage cut">
						{pageName(page)}
					</WebLink>
					<span class="cut muted small">{shortAddress(page.url)}</span>
				</span>
			</td>
			<td class="vnumber vcell-paged">
				{page.at ? (
					<>
						<span class="unit">{t("column_on_page")} </span>
						<Elapsed since={page.at} title={t("on_page_since", { time: dateAndTime(page.at, t.language) })} />
					</>
				) : null}
			</td>
		</>
	);
}

/** The label is shown where the table has no heads. */
function CountCell({ class: name, label, count }: { class: string; label: string; count: number }) {
	const { language } = useText();
	return (
		<td class={`vnumber ${name} number`}>
			<span class="unit">{label} </span>
			{count.toLocaleString(language)}
		</td>
	);
}

function ChatCell({ row }: { row: VisitorRow }) {
	const t = useText();
	const { startWith } = useChatActions();
	return (
		<td class="vcell-act">
			<IconButton
				icon="chat"
				class={row.state === "waiting" ? "icon-button-waits" : ""}
				label={t("chat_with", { name: personName(t, row.name) })}
				onClick={(event) => {
					event.stopPropagation();
					void startWith(row.visitor);
				}}
			/>
		</td>
	);
}

const COLUMNS = 8;

function LoadingRow() {
	return (
		<tr class="vline vline-coming">
			<td colSpan={COLUMNS}>
				<span class="skeleton-line" />
			</td>
		</tr>
	);
}
