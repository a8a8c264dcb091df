// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include "kernel/workload/churn.h"
#include <iostream>
#include <sys/resource.h>
namespace tcpwatch::workload { namespace {
void show(std::string what, Outcome& o){ std::cout << what << ": " << o.unavailable; auto t=o.total(); for(auto&[n,c]:t.failures_by_name()) std::cout<<n<<"="<<c<<" "; std::cout << "connects "<<t.connects<<" acc "<<t.accepts<<" cl "<<t.closes<<" aband "<<t.abandoned<<" | "<<o.delta.changed()<<" | "<<o.netns->sockets().text()<<" |"; for(auto&[k,v]:o.extra) std::cout<<k<<"="<<v<<" "; std::cout<<"\n"; }
TEST(Workload, Churn) {
 for (auto f : {Family::v4, Family::v6}) for (size_t cc : {1,8,32,128,512}) {
 std::string n0=name_of(f);
 auto c0=clock(); auto t0=now_ns(); { Netns n; ChurnOptions op; op.family=f; op.concurrency=cc; Churn c(n, op); c.run(); show("churn "+n0+" "+std::to_string(cc),c.outcome); c.outcome.release();} 
 rusage r; getrusage(RUSAGE_CHILDREN,&r); static double u0=0,s0=0; double u=r.ru_utime.tv_sec+r.ru_utime.tv_usec/1e6, s=r.ru_stime.tv_sec+r.ru_stime.tv_usec/1e6; std::cout << "children user "<<u-u0<<" sys "<<s-s0<<" self " << double(clock()-c0)/1e6 << " wall " << (now_ns()-t0)/1e9 << "\n"; u0=u;s0=s;
 }
}
}}
