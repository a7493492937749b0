import type { VisitorRow } from "@palique/client";
import { dateAndTime } from "@palique/ui/time";
import { WebLink } from "@palique/ui/WebLink";
import { useChatActions } from "../../chats/useChatActions";
import { IconButton } from "../../parts/Button";
import { Link } from "../../routing/Link";
import { useStores } from "../../StoresContext";
import { elapsed } from "../../texts/elapsed";
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
	const { clock, router } = useStores();
	const t = useText();
	const { startWith } = useChatActions();
	if (!row) return <LoadingRow />;
	const { visitor, page } = row;
	const name = personName(t, row.name);
	const from = place(t, row.region, row.country);
	const route = { ...router.route.value, visitor };
	const waits = row.state === "waiting";
	const computer = (
		<span class="cut muted small">
			{[row.browser, row.os].filter(isKnown).join(" · ") || deviceText(t, row.device)}
		</span>
	);
	return (
		<tr
			class={`vline ${gone ? "vline-gone" : ""} ${waits ? "vline-waits" : ""}`}
			aria-rowindex={index}
			data-visitor={visitor}
			onClick={() => router.go(route)}
		>
			<td class="vcell-name">
				<span class="vwho">
					<StateIcon state={row.state} />
					<span class="vtwo">
						<Link to={route} class="vname cut" dir="auto" title={name}>
							{name}
						</Link>
						{waits ? <WaitingLine visitor={visitor}>{computer}</WaitingLine> : computer}
					</span>
				</span>
			</td>
			<td class="vcell-from cut" title={from}>
				{from}
			</td>
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
						<time dateTime={page.at} title={t("on_page_since", { time: dateAndTime(page.at, t.language) })}>
							{elapsed(t, page.at, clock.now.value)}
						</time>
					</>
				) : null}
			</td>
			<td class="vnumber vcell-visits number">
				<span class="unit">{t("column_visits")} </span>
				{row.visits.toLocaleString(t.language)}
			</td>
			<td class="vnumber vcell-chats number">
				<span class="unit">{t("column_chats")} </span>
				{row.chats.toLocaleString(t.language)}
			</td>
			<td class="vnumber vcell-since">
				<time dateTime={row.since} title={dateAndTime(row.since, t.language)}>
					{elapsed(t, row.since, clock.now.value)}
				</time>
			</td>
			<td class="vcell-act">
				<IconButton
					icon="chat"
					class={waits ? "icon-button-waits" : ""}
					label={t("chat_with", { name })}
					onClick={(event) => {
						event.stopPropagation();
						void startWith(visitor);
					}}
				/>
			</td>
		</tr>
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
