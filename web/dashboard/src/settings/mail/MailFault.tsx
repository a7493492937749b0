import type { MailResult } from "../../api/shapes";
import { useMailText } from "./useMailText";

/** Where a mail failed, and what the mail server said. */
export function MailFault({ result }: { result: MailResult }) {
	const t = useMailText();
	const { fault, answer, state } = result;
	const failed = state !== "sent" && fault && fault !== "reply";
	return (
		<>
			{failed ? <p>{t(`fault_${fault}`)}</p> : null}
			{answer ? (
				<p class="small">
					{t("answer")}:{" "}
					<code class="copy-words" dir="ltr">
						{answer}
					</code>
				</p>
			) : null}
		</>
	);
}
