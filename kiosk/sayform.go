package kiosk

// The questions that a saying asks, one a page. They are the program's, not the content
// pack's: what a resident can say of a case is the same in every city.

// SayForm returns the form of a saying; ok is false for a deed that is none.
func SayForm(d Deed) (f *Form, ok bool) {
	fields := map[Deed][]Field{
		DeedAnswered:  {sayWords(false, Text{Chinese: "请回答城市的问题", English: "Your answer", Korean: "답변을 적어 주세요"})},
		DeedRated:     {sayRating(), sayWords(true, Text{Chinese: "还想说点什么？", English: "Anything to add?", Korean: "더 하실 말씀이 있나요?"})},
		DeedReopened:  {sayReason(), sayWords(true, Text{Chinese: "哪里没有办好？", English: "What is still wrong?", Korean: "무엇이 부족합니까?"})},
		DeedWithdrawn: {sayWithdrawn()},
		DeedDataAsked: {sayWish(), sayWords(true, Text{Chinese: "要更正什么？", English: "What is to be corrected?", Korean: "무엇을 고칠까요?"})},
		DeedRefused:   {sayRefused()},
	}[d]
	return &Form{Fields: fields}, fields != nil
}

// The fields of these forms.
const (
	SayChoice = "choice"
	SayWords  = "words"
)

// SayingOf makes a saying of the answers to its form, which Form.Accept has kept.
func SayingOf(d Deed, a Answers, lang Lang) Saying {
	s := Saying{Deed: d, Reason: a[SayChoice].Value, Words: a[SayWords].Value, Lang: lang}
	if d == DeedRated {
		s.Rating, s.Reason = map[string]Rating{"good": RatingGood, "fair": RatingFair, "bad": RatingBad}[s.Reason], ""
	}
	return s
}

func sayWords(optional bool, label Text) Field {
	f := Field{ID: SayWords, Kind: FieldText, Icon: "message-square-text", Label: label, Optional: optional, MaxLen: MaxCaseText,
		Short: Text{Chinese: "您的话", English: "Your words", Korean: "하신 말씀"},
		Hint:  Text{Chinese: "只有办理这件事的工作人员能看。", English: "Only the staff who handle this can read it.", Korean: "이 일을 맡은 담당자만 볼 수 있습니다."}}
	f.Phrases = []Text{
		{Chinese: "是的。", English: "Yes.", Korean: "네."},
		{Chinese: "不是。", English: "No.", Korean: "아니요."},
		{Chinese: "上午方便。", English: "Mornings suit me.", Korean: "오전이 좋습니다."},
		{Chinese: "下午方便。", English: "Afternoons suit me.", Korean: "오후가 좋습니다."},
		{Chinese: "请先打电话。", English: "Please call first.", Korean: "먼저 전화해 주세요."},
		{Chinese: "还没有来人。", English: "Nobody came yet.", Korean: "아직 오지 않았습니다."},
		{Chinese: "只修了一部分。", English: "Only part of it was done.", Korean: "일부만 고쳤습니다."},
		{Chinese: "谢谢。", English: "Thank you.", Korean: "감사합니다."},
	}
	return f
}

func sayRating() Field {
	return Field{ID: SayChoice, Kind: FieldChoice, Icon: "star",
		Label: Text{Chinese: "办得怎么样？", English: "How well was it done?", Korean: "얼마나 잘 처리되었나요?"},
		Short: Text{Chinese: "评价", English: "Rating", Korean: "평가"},
		Options: []Option{
			{ID: "good", Icon: "smile", Name: Text{Chinese: "满意", English: "Well", Korean: "만족"}},
			{ID: "fair", Icon: "meh", Name: Text{Chinese: "一般", English: "So-so", Korean: "보통"}},
			{ID: "bad", Icon: "frown", Name: Text{Chinese: "不满意", English: "Badly", Korean: "불만"}},
		}}
}

func sayReason() Field {
	return Field{ID: SayChoice, Kind: FieldChoice, Icon: "rotate-ccw",
		Label: Text{Chinese: "为什么要再办？", English: "Why should it be done again?", Korean: "왜 다시 처리해야 합니까?"},
		Short: Text{Chinese: "原因", English: "Reason", Korean: "이유"},
		Options: []Option{
			{ID: "not_done", Icon: "ban", Name: Text{Chinese: "没有办", English: "It was not done", Korean: "처리되지 않음"}},
			{ID: "partly", Icon: "hourglass", Name: Text{Chinese: "只办了一部分", English: "Only partly done", Korean: "일부만 처리"}},
			{ID: "back", Icon: "rotate-ccw", Name: Text{Chinese: "又出现了", English: "It came back", Korean: "다시 생김"}},
			{ID: "reason", Icon: "message-square-warning", Name: Text{Chinese: "理由不对", English: "The reason is wrong", Korean: "이유가 틀림"}},
		}}
}

func sayWithdrawn() Field {
	return Field{ID: SayChoice, Kind: FieldChoice, Icon: "undo-2",
		Label: Text{Chinese: "为什么撤回？", English: "Why do you take it back?", Korean: "왜 취소하십니까?"},
		Short: Text{Chinese: "原因", English: "Reason", Korean: "이유"},
		Options: []Option{
			{ID: "solved", Icon: "check", Name: Text{Chinese: "已经好了", English: "It is solved", Korean: "해결됨"}},
			{ID: "needless", Icon: "ban", Name: Text{Chinese: "不需要了", English: "No longer needed", Korean: "필요 없음"}},
			{ID: "mistake", Icon: "pencil", Name: Text{Chinese: "登记错了", English: "It was a mistake", Korean: "잘못 접수"}},
		}}
}

func sayWish() Field {
	return Field{ID: SayChoice, Kind: FieldChoice, Icon: "fingerprint",
		Label: Text{Chinese: "您要怎么做？", English: "What do you want?", Korean: "무엇을 원하십니까?"},
		Short: Text{Chinese: "要求", English: "Wish", Korean: "요청"},
		Options: []Option{
			{ID: string(WishCopy), Icon: "files", Name: wishName(WishCopy)},
			{ID: string(WishCorrect), Icon: "pencil", Name: wishName(WishCorrect)},
			{ID: string(WishDelete), Icon: "trash-2", Name: wishName(WishDelete)},
		}}
}

// wishName names a wish, on the screen and on its slip.
func wishName(w DataWish) Text {
	switch w {
	case WishCorrect:
		return Text{Chinese: "更正内容", English: "Correct it", Korean: "고치기"}
	case WishDelete:
		return Text{Chinese: "删除记录", English: "Delete it", Korean: "지우기"}
	}
	return Text{Chinese: "要一份副本", English: "A copy", Korean: "사본"}
}

func sayRefused() Field {
	return Field{ID: SayChoice, Kind: FieldChoice, Icon: "shield-check",
		Label: Text{Chinese: "撤回对保存联系方式的同意？", English: "Take back the consent to keep your contact?", Korean: "연락처 보관 동의를 철회할까요?"},
		Short: Text{Chinese: "撤回同意", English: "Consent", Korean: "동의 철회"},
		Hint:  Text{Chinese: "事情照办，只是不再联系您。", English: "Your matter goes on; nobody will call you.", Korean: "일은 계속되며, 연락만 하지 않습니다."},
		Options: []Option{
			{ID: "withdraw", Icon: "ban", Name: Text{Chinese: "撤回同意", English: "Take it back", Korean: "철회"}},
		}}
}

// rightsReceipt is the slip that confirms a wish.
func (b *Booth) rightsReceipt(slip Slip, w DataWish) Receipt {
	say := func(key string) string { return rightsWords[key].In(slip.Lang) }
	lines := append(b.slipHead(&Service{Name: rightsWords["title"]}, slip),
		Line{Text: say("of"), Align: Center},
		Line{Text: slip.Number, Size: Huge, Bold: true, Align: Center},
		b.slipTime(slip), Line{Rule: true},
		Line{Pair: &Pair{say("wish"), wishName(w).In(slip.Lang)}},
		Line{Feed: 1}, Line{Text: say("next"), Bold: true}, Line{Text: say("answer")})
	return Receipt{Lines: append(lines, Line{Rule: true}, Line{Text: say("private"), Align: Center})}
}

// The words of that slip.
var rightsWords = map[string]Text{
	"title":   {Chinese: "个人信息申请", English: "Your data", Korean: "개인정보 신청"},
	"of":      {Chinese: "关于回执", English: "About receipt", Korean: "접수증 번호"},
	"wish":    {Chinese: "您的要求", English: "Your wish", Korean: "요청"},
	"next":    {Chinese: "接下来", English: "What happens next", Korean: "다음 절차"},
	"answer":  {Chinese: "十五个工作日内答复。请带着回执来任一驿站查看。", English: "You get an answer within 15 working days. Bring your receipt to any station.", Korean: "15영업일 안에 답변합니다. 접수증을 가지고 아무 역참이나 오세요."},
	"private": {Chinese: "票上没有您的姓名和电话", English: "Your name and phone are not on this slip.", Korean: "이름과 전화번호는 인쇄되지 않습니다."},
}
