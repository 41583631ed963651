package kiosk

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// The words that every slip carries. What a service says stands in the catalogue.
var slipWords = map[string]Text{
	"station":      {Chinese: "红色驿站", English: "Red Station", Korean: "붉은 역참"},
	"number":       {Chinese: "您的编号", English: "Your number", Korean: "접수 번호"},
	"queue":        {Chinese: "您的排号", English: "Your ticket", Korean: "대기 번호"},
	"keep":         {Chinese: "请妥善保管，凭此票查询", English: "Please keep this slip. It is how you ask about your request.", Korean: "이 표를 잘 보관해 주세요."},
	"private":      {Chinese: "票上没有您的姓名和电话", English: "Your name and phone are not on this slip.", Korean: "이름과 전화번호는 인쇄되지 않습니다."},
	"wait":         {Chinese: "等候处", English: "Wait at", Korean: "대기 장소"},
	"next":         {Chinese: "接下来", English: "What happens next", Korean: "다음 절차"},
	"hours":        {Chinese: "服务时间", English: "Hours", Korean: "이용 시간"},
	"reprint":      {Chinese: "补 打", English: "REPRINT", Korean: "재발행"},
	"revoked":      {Chinese: "原票作废", English: "The earlier slip is void.", Korean: "이전 표는 무효입니다."},
	"clock":        {Chinese: "（时间待校准）", English: "(clock not set)", Korean: "(시각 미확인)"},
	"source":       {Chinese: "来源", English: "Source", Korean: "출처"},
	"updated":      {Chinese: "更新", English: "Updated", Korean: "갱신"},
	"readiness":    {Chinese: "开机自检", English: "Self-check", Korean: "자체 점검"},
	"version":      {Chinese: "程序", English: "Program", Korean: "프로그램"},
	"legible":      {Chinese: "字迹清楚、没有缺行，打印就是好的", English: "If all of this is legible, the printer is fine.", Korean: "글자가 선명하면 인쇄는 정상입니다."},
	"waiting":      {Chinese: "候 补", English: "WAITING LIST", Korean: "대기자 명단"},
	"rank":         {Chinese: "排在第 # 位", English: "You are number # in line", Korean: "대기 #번째"},
	"no_seat":      {Chinese: "现在还没有名额，有人取消才轮到您", English: "You have no place yet. You get one when somebody cancels.", Korean: "아직 자리가 없습니다. 취소가 생기면 차례가 됩니다."},
	"cancelled":    {Chinese: "已 取 消", English: "CANCELLED", Korean: "취소됨"},
	"where":        {Chinese: "地点", English: "Where", Korean: "장소"},
	"bring":        {Chinese: "请带上", English: "Please bring", Korean: "준비물"},
	"give_back":    {Chinese: "来不了请到驿站扫此票取消，名额让给别人", English: "Cannot come? Scan this slip at the station to cancel, so that somebody else gets the place.", Korean: "못 오시면 역참에서 이 표를 스캔해 취소해 주세요. 자리가 다른 분께 돌아갑니다."},
	"emergency":    {Chinese: "紧急情况请拨 110 · 119 · 120", English: "Emergency: 110 police, 119 fire, 120 ambulance", Korean: "긴급 전화 110 · 119 · 120"},
	"thing":        {Chinese: "借用物品", English: "What you borrowed", Korean: "빌린 물건"},
	"asset":        {Chinese: "物品编号", English: "Its tag", Korean: "물건 번호"},
	"due":          {Chinese: "请在此日前归还", English: "Bring back by", Korean: "반납 기한"},
	"renewed":      {Chinese: "已续借（次）", English: "Times renewed", Korean: "연장 횟수"},
	"doubt":        {Chinese: "这件在名单上还没有归还。已记下，由工作人员核对，您放心使用。", English: "By our list this thing was not here. That is noted, and staff will check. You may use it.", Korean: "목록에는 이 물건이 아직 반납되지 않았습니다. 기록했으며 직원이 확인합니다. 안심하고 쓰세요."},
	"returned":     {Chinese: "已归还", English: "RETURNED", Korean: "반납 완료"},
	"loan":         {Chinese: "借用编号", English: "Loan", Korean: "대출 번호"},
	"doubt_back":   {Chinese: "名单上对不上，已记下，由工作人员核对。您已经还了。", English: "Our list says otherwise. That is noted, and staff will check. You have brought it back.", Korean: "목록과 다릅니다. 기록했으며 직원이 확인합니다. 반납은 끝났습니다."},
	"proof":        {Chinese: "此票证明您已归还，请收好", English: "This slip proves that you brought it back. Please keep it.", Korean: "반납 증명입니다. 잘 보관해 주세요."},
	"kept_longer":  {Chinese: "已续借", English: "RENEWED", Korean: "연장 완료"},
	"with_receipt": {Chinese: "请和原票一起保管", English: "Please keep it with your receipt.", Korean: "원래 표와 함께 보관해 주세요."},
	"anywhere":     {Chinese: "用完请还到任一红色驿站", English: "Please bring back to any Red Station", Korean: "어느 붉은 역참에나 반납해 주세요"},
	"ahead":        {Chinese: "取号时前面还有", English: "Ahead of you then", Korean: "발권 시 대기 인원"},
	"people":       {Chinese: "人", English: "waiting", Korean: "명"},
	"unkept":       {Chinese: "这张纸上的数，驿站没有留底", English: "The station keeps none of these numbers.", Korean: "역참은 이 수치를 저장하지 않습니다."},
	"date":         {Chinese: "日期", English: "Date", Korean: "날짜"},
	"typed":        {Chinese: "自己测量的数值", English: "Measured by yourself", Korean: "직접 잰 수치"},
	"range_source": {Chinese: "数值范围依据", English: "Ranges from", Korean: "범위 출처"},
}

// slipHead is the top of every slip: the station, the service, and the mark of a reprint.
func (b *Booth) slipHead(s *Service, slip Slip) []Line {
	station := slipWords["station"].In(slip.Lang)
	if name := b.Name(); name != "" {
		station += " · " + name
	}
	lines := []Line{{Text: station, Bold: true, Align: Center}, {Text: s.Name.In(slip.Lang), Align: Center}}
	if slip.Reprints > 0 {
		lines = append(lines, Line{Text: slipWords["reprint"].In(slip.Lang), Size: Large, Bold: true, Align: Center})
	}
	return append(lines, Line{Feed: 1})
}

// slipTime is when, in the city's zone, and whether the clock could be trusted.
func (b *Booth) slipTime(slip Slip) Line {
	text := slip.At.In(b.zone).Format("2006-01-02 15:04")
	if !slip.AtState.Trusted() {
		text += slipWords["clock"].In(slip.Lang)
	}
	return Line{Text: text, Align: Center}
}

func (b *Booth) ticketReceipt(ctx context.Context, s *Service, slip Slip) (Receipt, error) {
	at, err := b.book.Standing(ctx, slip.ID)
	if err != nil {
		return Receipt{}, err
	}
	w := func(key string) string { return slipWords[key].In(slip.Lang) }
	lines := append(b.slipHead(s, slip),
		Line{Text: w("queue"), Align: Center},
		Line{Text: slip.Number, Size: Huge, Bold: true, Align: Center},
		b.slipTime(slip), Line{Rule: true},
		Line{Pair: &Pair{w("ahead"), strings.TrimSpace(strconv.Itoa(at.First) + " " + w("people"))}})
	if where := s.Ticket.Where.In(slip.Lang); where != "" {
		lines = append(lines, Line{Pair: &Pair{w("wait"), where}})
	}
	if hours := s.Hours.In(slip.Lang); hours != "" {
		lines = append(lines, Line{Pair: &Pair{w("hours"), hours}})
	}
	if next := s.Outcome.In(slip.Lang); next != "" {
		lines = append(lines, Line{Text: next})
	}
	return Receipt{Lines: lines}, nil
}

// formReceipt is the slip of a filled form; details are lines of its own.
func (b *Booth) formReceipt(s *Service, slip Slip, code PaperCode, details []Line) Receipt {
	w := func(key string) string { return slipWords[key].In(slip.Lang) }
	lines := append(b.slipHead(s, slip),
		Line{Text: w("number"), Align: Center},
		Line{Text: slip.Number, Size: Huge, Bold: true, Align: Center},
		b.slipTime(slip), Line{Feed: 1},
		Line{QR: PaperQR(slip.Number, code)},
		Line{Text: code.Groups(), Align: Center})
	if slip.Reprints > 0 {
		lines = append(lines, Line{Text: w("revoked"), Bold: true, Align: Center})
	}
	lines = append(lines, Line{Rule: true})
	if len(details) > 0 {
		lines = append(append(lines, details...), Line{Feed: 1})
	}
	if next := s.Outcome.In(slip.Lang); next != "" {
		lines = append(lines, Line{Text: w("next"), Bold: true}, Line{Text: next}, Line{Feed: 1})
	}
	return Receipt{Lines: append(lines, Line{Text: w("keep"), Align: Center}, Line{Text: w("private"), Align: Center})}
}

func (b *Booth) leafletReceipt(s *Service, slip Slip) Receipt {
	w := func(key string) string { return slipWords[key].In(slip.Lang) }
	lines := append(b.slipHead(s, slip), Line{Rule: true})
	for _, section := range s.Info.Sections {
		lines = append(lines, Line{Text: section.Heading.In(slip.Lang), Bold: true})
		for _, t := range section.Lines {
			lines = append(lines, Line{Text: "· " + t.In(slip.Lang)})
		}
		lines = append(lines, Line{Feed: 1})
	}
	if source := s.Info.Source.In(slip.Lang); source != "" {
		lines = append(lines, Line{Text: w("source") + " " + source})
	}
	if day, err := time.Parse(time.DateOnly, s.Info.Updated); err == nil {
		lines = append(lines, Line{Text: w("updated") + " " + day.Format(time.DateOnly)})
	}
	return Receipt{Lines: append(lines, Line{Rule: true}, Line{Text: w("emergency"), Align: Center}, b.slipTime(slip))}
}
