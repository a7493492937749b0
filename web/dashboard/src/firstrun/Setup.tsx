import "../session/SignIn.css";
import { hasVisibleText } from "@palique/ui/visible";
import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import type { FirstSite } from "../api/shapes";
import { Button } from "../parts/Button";
import { Form } from "../parts/Form";
import { isPasswordLength, NewPasswordField } from "../parts/NewPasswordField";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { useFirstRunText } from "./useFirstRunText";

const EMPTY: FirstSite = { code: "", site: "", origin: "", name: "", email: "", password: "" };

/** Form of an installation without a site: creates the site and its administrator, and signs in. */
export function Setup() {
	const { api, router, session } = useStores();
	const t = useText();
	const own = useFirstRunText();
	const [first, setFirst] = useState(EMPTY);
	const [problem, setProblem] = useState<Problem | null>(null);
	const [busy, setBusy] = useState(false);
	const sentence = useSentence(problem);
	const code = useRef<HTMLInputElement>(null);
	const complete = Object.values(first).every(hasVisibleText) && isPasswordLength(first.password);
	// A password manager fills several fields before the next rendering.
	const write = (field: keyof FirstSite) => (text: string) => setFirst((now) => ({ ...now, [field]: text }));

	useEffect(() => {
		document.title = `${own("title")} · Palique`;
		code.current?.focus();
	}, [own]);

	const submit = async () => {
		if (busy || !complete) return;
		setBusy(true);
		try {
			await api.setUp(first);
			router.go({ page: "start" });
			// The sign-in page is next when this fails.
			if (await session.signIn(first.email, first.password)) await session.check();
		} catch (error) {
			setProblem(asProblem(error));
			setBusy(false);
		}
	};

	return (
		<main class="signin">
			<Form class="signin-card" onSubmit={submit}>
				<h1>{own("title")}</h1>
				<p class="muted">{own("lead")}</p>
				<ProblemMessage problem={problem} sentence={sentence} />
				{problem?.code === "already_set_up" ? (
					<Button wide onClick={() => void session.check()}>
						{t("signin_title")}
					</Button>
				) : (
					<>
						<TextField
							label={own("code")}
							hint={own("code_hint")}
							value={first.code}
							onValue={write("code")}
							limit={64}
							inputRef={code}
						/>
						<TextField label={t("site_name")} value={first.site} onValue={write("site")} limit={100} />
						<TextField
							label={own("origin")}
							hint={own("origin_hint")}
							value={first.origin}
							onValue={write("origin")}
							limit={300}
						/>
						<TextField
							label={own("name")}
							autocomplete="name"
							value={first.name}
							onValue={write("name")}
							limit={100}
						/>
						<TextField
							label={t("signin_email")}
							type="email"
							autocomplete="username"
							value={first.email}
							onValue={write("email")}
							limit={254}
						/>
						<NewPasswordField value={first.password} onValue={write("password")} />
						<Button kind="primary" type="submit" busy={busy} disabled={!complete} wide>
							{own("submit")}
						</Button>
					</>
				)}
			</Form>
		</main>
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
