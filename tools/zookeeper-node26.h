// The npm package zookeeper (7.3.0) names DEFAULT as V8's, which Node 26 has no more; nan has it instead. Given to the
// compiler in front of the client's source: CXXFLAGS="-include $PWD/tools/zookeeper-node26.h" npm ci
#pragma once
#include <nan.h>
using Nan::DEFAULT;
