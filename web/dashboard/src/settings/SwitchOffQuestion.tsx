import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Skeleton } from "../parts/EmptyState";
import { ProblemMessage } from "../parts/ProblemMessage";
import { useLoad } from "../parts/useLoad";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

interface Props {
	busy: boolean;
	cancel: () => void;
	switchOff: () => void;
}

/** Asks before live chat is turned off, with the server's counts of open chats and visitors (S-03). */
export function SwitchOffQuestion({ busy, cancel, switchOff }: Props) {
	const { api } = useStores();
	const t = useText();
	const { value, problem } = useLoad((signal) => api.siteActivity(signal), [api]);
	return (
		<Dialog title={t("switch_off_question")} onClose={cancel}>
			<div class="question">
				{value ? (
					<ul class="question-facts">
						<li>
							{value.open_chats ? t.count("switch_off_chats", value.open_chats) : t("switch_off_chats_none")}
						</li>
						{value.waiting > 0 ? <li>{t.count("switch_off_waiting", value.waiting)}</li> : null}
						<li>
							{value.visitors
								? t.count("switch_off_visitors", value.visitors)
								: t("switch_off_visitors_none")}
						</li>
					</ul>
				) : problem ? (
					<ProblemMessage problem={problem} />
				) : (
					<Skeleton lines={2} />
				)}
				<p>{t("switch_off_consequence")}</p>
				<div class="question-answers">
					<Button kind="danger" busy={busy || (!value && !problem)} onClick={switchOff}>
						{t("switch_off")}
					</Button>
					<Button onClick={cancel}>{t("cancel")}</Button>
				</div>
			</div>
		</Dialog>
	);
}
