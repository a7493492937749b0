import { hasVisibleText } from "@palique/ui/visible";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/http";
import type { FirstSite } from "../api/shapes";
import { Button } from "../parts/Button";
import { isPasswordLength, NewPasswordField } from "../parts/NewPasswordField";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useRequest } from "../parts/useRequest";
import { useStores } from "../StoresContext";
import { SignInCard } from "../session/SignInCard";
import { useText } from "../texts/useText";
import { useFirstRunText } from "./useFirstRunText";

const EMPTY: FirstSite = { code: "", site: "", origin: "", name: "", email: "", password: "" };

/** Form of an installation without a site: creates the site and its administrator, and signs in. */
export function Setup() {
	const { api, router, session } = useStores();
	const t = useText();
	const own = useFirstRunText();
	const [first, setFirst] = useState(EMPTY);
	const { busy, problem, run } = useRequest();
	const sentence = useSentence(problem);
	const complete = Object.values(first).every(hasVisibleText) && isPasswordLength(first.password);

	const submit = () => {
		if (!complete) return;
		void run(async () => {
			await api.setUp(first);
			router.go({ page: "start" });
			// The sign-in page is next when this fails.
			if (await session.signIn(first.email, first.password)) await session.check();
		});
	};
	return (
		<SignInCard title={own("title")} lead={own("lead")} onSubmit={submit}>
			<ProblemMessage problem={problem} sentence={sentence} />
			{problem?.code === "already_set_up" ? (
				<Button wide onClick={() => void session.check()}>
					{t("signin_title")}
				</Button>
			) : (
				<>
					<Fields first={first} setFirst={setFirst} />
					<Button kind="primary" type="submit" busy={busy} disabled={!complete} wide>
						{own("submit")}
					</Button>
				</>
			)}
		</SignInCard>
	);
}

interface FieldsProps {
	first: FirstSite;
	setFirst: (change: (now: FirstSite) => FirstSite) => void;
}

function Fields({ first, setFirst }: FieldsProps) {
	const t = useText();
	const own = useFirstRunText();
	const code = useRef<HTMLInputElement>(null);
	useEffect(() => code.current?.focus(), []);
	const field = (name: keyof FirstSite) => ({
		value: first[name],
		// A password manager fills several fields before the next rendering.
		onValue: (text: string) => setFirst((now) => ({ ...now, [name]: text })),
	});
	return (
		<>
			<TextField label={own("code")} hint={own("code_hint")} limit={64} inputRef={code} {...field("code")} />
			<TextField label={t("site_name")} limit={100} {...field("site")} />
			<TextField label={own("origin")} hint={own("origin_hint")} limit={300} {...field("origin")} />
			<TextField label={own("name")} autocomplete="name" limit={100} {...field("name")} />
			<TextField
				label={t("signin_email")}
				type="email"
				autocomplete="username"
				limit={254}
				{...field("email")}
			/>
			<NewPasswordField {...field("password")} />
		</>
	);
}

/** The text for a code of the set-up, or for the field that was refused. */
function useSentence(problem: Problem | null): string | undefined {
	const t = useText();
	const own = useFirstRunText();
	const sentences: Readonly<Record<string, string>> = {
		wrong_code: own("wrong_code"),
		code_expired: own("code_expired"),
		already_set_up: own("done"),
		conflict: t("invite_taken"),
		site: own("name_bad"),
		origin: own("origin_bad"),
		name: own("name_bad"),
		email: t("email_bad"),
		password: t("password_weak"),
	};
	return problem ? sentences[problem.body?.field ?? problem.code] : undefined;
}
