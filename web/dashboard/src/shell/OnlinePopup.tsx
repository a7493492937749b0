import type { VisitorRow } from "@palique/client";
import { Icon } from "@palique/ui/Icon";
import { useEffect, useRef } from "preact/hooks";
import { useChatActions } from "../chats/useChatActions";
import { IconButton } from "../parts/Button";
import { EmptyState } from "../parts/EmptyState";
import { useRovingFocus } from "../parts/useRovingFocus";
import { Link } from "../routing/Link";
import { useStores } from "../StoresContext";
import { personName } from "../texts/labels";
import { pageName } from "../texts/pageName";
import { useText } from "../texts/useText";
import { StateIcon } from "../visitors/list/StateIcon";
import { WaitingLine } from "../visitors/list/WaitingLine";

const TURN: Readonly<Record<VisitorRow["state"], number>> = { waiting: 0, chatting: 1, browsing: 2, idle: 3 };

/**
 * Pop-up list of the visitors online, waiting ones first (S-34 … S-39). A click opens the chat, or the visitor if there is none.
 */
export function OnlinePopup({ close }: { close: () => void }) {
	const { visitors } = useStores();
	const t = useText();
	const frame = useRef<HTMLElement>(null);
	useEffect(() => frame.current?.focus(), []);
	const list = useRef<HTMLUListElement>(null);
	useRovingFocus(list, "li");

	const online = visitors.online.value ?? 0;
	const rows = [...visitors.rows.value].sort((one, other) => TURN[one.state] - TURN[other.state]);
	return (
		<section class="popup" role="dialog" aria-label={t("popup_title")} tabIndex={-1} ref={frame}>
			<div class="popup-head">
				<h2>{t("popup_title")}</h2>
				<span class="badge">{online.toLocaleString(t.language)}</span>
				<IconButton icon="close" label={t("close")} onClick={close} />
			</div>
			{rows.length === 0 ? (
				<EmptyState icon="people" title={t("visitors_none")} />
			) : (
				<ul class="popup-list" ref={list}>
					{rows.map((row) => (
						<Row key={row.visitor} row={row} done={close} />
					))}
				</ul>
			)}
			<p class="popup-more">
				<Link to={{ page: "visitors" }} onFollow={close}>
					{t("popup_all")} <Icon name="right" size={14} />
				</Link>
			</p>
		</section>
	);
}

function Row({ row, done }: { row: VisitorRow; done: () => void }) {
	const { router } = useStores();
	const t = useText();
	const { startWith } = useChatActions();
	const name = personName(t, row.name);
	const chat = () => {
		done();
		void startWith(row.visitor);
	};
	const open = () => {
		if (row.state === "chatting" || row.state === "waiting") return chat();
		done();
		router.openVisitor(row.visitor);
	};
	return (
		<li class="popup-row">
			<button type="button" class="popup-open" onClick={open}>
				<StateIcon state={row.state} />
				<span class="popup-names">
					<span class="cut" dir="auto">
						{name}
					</span>
					<span class="cut muted small" dir="auto">
						{pageName(row.page)}
					</span>
					{row.state === "waiting" ? <WaitingLine visitor={row.visitor} /> : null}
				</span>
			</button>
			<IconButton icon="chat" label={t("chat_with", { name })} onClick={chat} />
		</li>
	);
}
